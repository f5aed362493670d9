// What happens next in a simulation: moments in the order of time, ties in the order in which they
// were planned.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <tuple>
#include <vector>

namespace squall {

struct Moment {
  std::int64_t at = 0;
  std::uint64_t number = 0;  // in the order of planning
  std::uint32_t who = 0;
  friend bool operator>(const Moment& a, const Moment& b) {
    return std::tie(a.at, a.number) > std::tie(b.at, b.number);
  }
};

class Moments {
 public:
  void plan(std::int64_t at, std::uint32_t who) { queue_.push({at, next_number_++, who}); }
  [[nodiscard]] bool is_empty() const { return queue_.empty(); }
  Moment next() {
    const Moment moment = queue_.top();
    queue_.pop();
    return moment;
  }

 private:
  std::priority_queue<Moment, std::vector<Moment>, std::greater<>> queue_;
  std::uint64_t next_number_ = 0;
};

// How long things take, in ns: operations overlap as much as there are clients.
inline constexpr std::uint64_t kThinkMax = 200'000;
inline constexpr std::uint64_t kStepMin = 100'000;  // from the request to its effect, and back
inline constexpr std::uint64_t kStepMax = 1'000'000;

}  // namespace squall
