// A history's events in the order of their times, for writers.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "history/history.h"

namespace squall {

struct HistoryEvent {
  OpIndex op = 0;
  std::string_view kind;  // "invoke", "ok", "fail", "info"
  std::int64_t at = 0;
  // What the importers will make of it again: an argument stands in both events, an answer in its
  // ok.  kAbsent: the event has none.
  ValueId value = kAbsent;
  bool is_last = false;  // of its operation
};
void for_each_event(const History& history, const std::function<void(const HistoryEvent&)>& event);

}  // namespace squall
