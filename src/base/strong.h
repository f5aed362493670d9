// Strong<T, Tag>: an id that cannot be confused with another id of the same representation.
#pragma once

#include <compare>
#include <functional>
#include <ostream>
#include <utility>

namespace squall {

template <typename T, typename Tag>
class Strong {
 public:
  Strong() = default;
  explicit Strong(T value) : value_(std::move(value)) {}
  [[nodiscard]] const T& get() const { return value_; }
  friend auto operator<=>(const Strong&, const Strong&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Strong& id) { return out << id.value_; }

 private:
  T value_{};
};

}  // namespace squall

template <typename T, typename Tag>
struct std::hash<squall::Strong<T, Tag>> {
  std::size_t operator()(const squall::Strong<T, Tag>& id) const {
    return std::hash<T>{}(id.get());
  }
};
