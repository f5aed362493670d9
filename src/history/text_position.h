// Lines and columns (both from 1, in bytes) of places in a text, for messages.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace squall {

struct TextPosition {
  std::size_t line = 1;
  std::size_t column = 1;
};

// Counts on from where it was: places must not go back.
class TextPositions {
 public:
  TextPosition advance(std::string_view text, std::size_t offset) {
    const std::string_view passed = text.substr(at_, offset - at_);
    line_ += static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
    if (const std::size_t last = passed.rfind('\n'); last != std::string_view::npos) {
      line_start_ = at_ + last + 1;
    }
    at_ = offset;
    return {.line = line_, .column = offset - line_start_ + 1};
  }

 private:
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t line_start_ = 0;
};

}  // namespace squall
