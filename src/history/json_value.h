// JSON → value.  What our values lack is mapped, so that equal stays equal: an object is a list of
// [key, value] sorted by key, a number with a fraction or an exponent is its shortest exact text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "history/value.h"

namespace simdjson::dom {
class element;
}

namespace squall {

inline constexpr std::size_t kMaxJsonDepth = 64;  // lists in lists

// What is wrong with it, or nothing and `id` is set.
[[nodiscard]] std::optional<std::string> read_json_value(const simdjson::dom::element& from,
                                                         Values& values, ValueId& id);

}  // namespace squall
