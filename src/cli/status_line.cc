// Progress on standard error.
#include "cli/status_line.h"

#include <unistd.h>

#include <iostream>

namespace squall {
namespace {

constexpr Duration kBetweenLines = std::chrono::seconds(30);

}  // namespace

StatusLine::StatusLine(bool is_quiet)
    : is_quiet_(is_quiet),
      is_terminal_(::isatty(STDERR_FILENO) == 1),
      shown_(system_clock().mono()) {}

void StatusLine::show(const std::string& line) {
  if (is_quiet_ || line == last_) return;
  const MonoTime now = system_clock().mono();
  if (is_terminal_) {
    std::cerr << "\r\x1b[K" << line << std::flush;
    has_line_ = true;
  } else if (now - shown_ >= kBetweenLines) {
    std::cerr << "  " << line << '\n' << std::flush;
    shown_ = now;
  } else {
    return;
  }
  last_ = line;
}

void StatusLine::say(const std::string& line) {
  if (is_quiet_) return;
  clear();
  std::cerr << "  " << line << '\n' << std::flush;
}

void StatusLine::clear() {
  if (has_line_) std::cerr << "\r\x1b[K" << std::flush;
  has_line_ = false;
  last_.clear();
}

}  // namespace squall
