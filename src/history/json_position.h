// Where in a line of JSON something stands, for error messages.  The parser itself (simdjson) is
// fast because it does not keep track; this one runs only after it has complained.
#pragma once

#include <cstddef>
#include <string_view>

namespace squall {

// The column (from 1) of the first byte with which `line` stops being one JSON value; one past the
// end if it ends too early.
[[nodiscard]] std::size_t json_error_column(std::string_view line);
// The column of the value of `key` in the object that is the whole line; 1 if it has none.
[[nodiscard]] std::size_t json_field_column(std::string_view line, std::string_view key);

}  // namespace squall
