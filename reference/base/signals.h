// Signals as events of the loop.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>

#include "reference/base/loop.h"

namespace squall::reference {

// While it lives, these signals do not end the process: `on_signal` runs on the loop's thread, once
// for each that arrives.
class Signals {
 public:
  Signals(Loop& loop, std::initializer_list<int> numbers, std::function<void(int)> on_signal);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace squall::reference
