// UTF-8 and JSON strings: what a stack answers may be any bytes, what we store and print may not.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace squall {

// How many bytes from the start are valid; all of them if the text is.
[[nodiscard]] std::size_t valid_utf8_prefix(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);
// Every byte that is not part of a valid sequence becomes the four characters \xHH.
[[nodiscard]] std::string to_utf8(std::string_view text);
// Appends `text` (UTF-8) as a JSON string, with its quotes.
void append_json_string(std::string_view text, std::string& out);

}  // namespace squall
