// The Date header's text, made anew once a second.
#pragma once

#include <string>

#include "base/time.h"

namespace squall::reference {

// "Tue, 24 Nov 2026 03:00:00 GMT" (RFC 9110, section 5.6.7), whatever the locale.
[[nodiscard]] std::string http_date(WallTime at);

// Not thread-safe.
class HttpDate {
 public:
  explicit HttpDate(const Clock& clock) : clock_(clock) {}
  // Of now.  The clock is asked each time: a clock that jumps shows in the next answer.
  [[nodiscard]] const std::string& text();

 private:
  const Clock& clock_;
  std::int64_t second_ = -1;
  std::string text_{};
};

}  // namespace squall::reference
