// How far a long command is: one line on standard error that is rewritten on a terminal; elsewhere
// a line now and then, so that a log shows that it lives.
#pragma once

#include <string>

#include "base/time.h"

namespace squall {

class StatusLine {
 public:
  explicit StatusLine(bool is_quiet);
  void show(const std::string& line);  // call it as often as you like
  void say(const std::string& line);   // an event: stays
  void clear();                        // before other output

 private:
  bool is_quiet_;
  bool is_terminal_;
  bool has_line_ = false;
  std::string last_;
  MonoTime shown_;
};

}  // namespace squall
