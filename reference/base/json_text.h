// JSON written as text, for logs and answers that are made often.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace squall::reference {

// With its quotes.  Bytes that are not UTF-8 become U+FFFD, so that the text is always JSON.
void append_json(std::string& out, std::string_view text);
// The shortest text that reads back as the same number; JSON has no infinity and no NaN: null.
void append_json(std::string& out, double number);
void append_json(std::string& out, float number);
void append_json(std::string& out, std::int64_t number);

// {"error":"…"}: the body of every failed request.
[[nodiscard]] std::string error_body(std::string_view what);

}  // namespace squall::reference
