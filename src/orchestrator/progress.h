// What a person sees while a run goes on: one line that is rewritten on a terminal, plain lines
// elsewhere, nothing when quiet.  Standard error, so that standard output holds results only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace squall {

struct ProgressState {
  std::string phase;  // "starting etcd", "timeline", "settle"
  Duration elapsed{0};
  Duration left{0};  // 0: unknown
  std::vector<std::string> active_faults{};
  std::map<std::string, double> metrics{};  // MetricsWindow::values()
};

class Progress {
 public:
  enum class Mode { kQuiet, kLines, kTerminal };
  explicit Progress(Mode mode) : mode_(mode) {}
  // Quiet, or by what standard error is.
  [[nodiscard]] static Mode choose(bool is_quiet);

  void show(const ProgressState& state);           // terminal only; call as often as you like
  void say(Duration at, const std::string& text);  // an event worth a line everywhere
  void clear();                                    // before other output

 private:
  Mode mode_;
  bool has_line_ = false;
};

}  // namespace squall
