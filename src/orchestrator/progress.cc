// Progress on standard error.
#include "orchestrator/progress.h"

#include <unistd.h>

#include <cmath>
#include <iostream>

namespace squall {
namespace {

constexpr double kNanosecondsInTenth = 1e8;

std::string seconds_text(Duration duration) {
  const auto tenths =
      static_cast<long>(std::llround(static_cast<double>(duration.count()) / kNanosecondsInTenth));
  return std::to_string(tenths / 10) + "." + std::to_string(std::labs(tenths) % 10) + "s";
}

std::string rate_text(const std::map<std::string, double>& metrics, const std::string& name) {
  const auto found = metrics.find(name);
  return std::to_string(found == metrics.end() ? 0 : std::lround(found->second)) + " " + name +
         "/s";
}

}  // namespace

Progress::Mode Progress::choose(bool is_quiet) {
  if (is_quiet) return Mode::kQuiet;
  return ::isatty(STDERR_FILENO) == 1 ? Mode::kTerminal : Mode::kLines;
}

void Progress::show(const ProgressState& state) {
  if (mode_ != Mode::kTerminal) return;
  std::string line = state.phase + " " + seconds_text(state.elapsed);
  if (state.left > Duration{0}) line += ", " + seconds_text(state.left) + " left";
  if (!state.metrics.empty()) {
    line +=
        " | " + rate_text(state.metrics, "operations") + ", " + rate_text(state.metrics, "errors");
  }
  for (const std::string& fault : state.active_faults) line += " | " + fault;
  std::cerr << "\r\x1b[K" << line << std::flush;
  has_line_ = true;
}

void Progress::say(Duration at, const std::string& text) {
  if (mode_ == Mode::kQuiet) return;
  clear();
  std::cerr << "  " << seconds_text(at) << "  " << text << '\n' << std::flush;
}

void Progress::clear() {
  if (has_line_) std::cerr << "\r\x1b[K" << std::flush;
  has_line_ = false;
}

}  // namespace squall
