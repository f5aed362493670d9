// Random histories for property tests: every kind of value, outcome and missing field.
#pragma once

#include "history/history.h"

namespace squall {

struct RandomHistory {
  bool is_sent_unique = false;  // no two operations sent in the same nanosecond
};
// Sorted by sent; each process has at most one operation under way, and none after one in kInfo.
// To be called inside a RapidCheck property.
[[nodiscard]] History random_history(const RandomHistory& how);
// Interns a value of one Values in another.
[[nodiscard]] ValueId copy_value(const Values& from, ValueId id, Values& to);

}  // namespace squall
