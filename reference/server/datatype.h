// The Open Inference Protocol's datatypes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace squall::reference::server {

enum class DatatypeKind { kBoolean, kUnsigned, kSigned, kReal, kBytes };

struct Datatype {
  std::string_view name;
  DatatypeKind kind = DatatypeKind::kReal;
  std::size_t bytes = 0;  // of one element in raw form; 0: each has its own length
  bool is_json = true;    // false: raw form only
};

// kInvalid names the nearest one, or all.
[[nodiscard]] Result<Datatype> find_datatype(std::string_view name);

// Whether an integer fits the datatype.
[[nodiscard]] bool is_in_range(const Datatype& datatype, std::int64_t number);
[[nodiscard]] bool is_in_range(const Datatype& datatype, std::uint64_t number);

// The limit on a tensor's elements: what a request of 4 MiB can hold.
inline constexpr std::int64_t kMaxElements = std::int64_t{4} << 20U;

// The product of the sizes; kInvalid for a negative size or more than kMaxElements.
[[nodiscard]] Result<std::size_t> element_count(const std::vector<std::int64_t>& shape);

}  // namespace squall::reference::server
