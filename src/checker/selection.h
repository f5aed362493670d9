// Which rows of a history a check is about.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "history/history.h"

namespace squall {

// Operations of one workload client ("" is everybody) by name.
class Selection {
 public:
  Selection(const History& history, std::string_view client);

  [[nodiscard]] bool has_process(ProcessIndex process) const { return is_chosen_[process] != 0; }
  [[nodiscard]] bool has(OpIndex op) const { return has_process(history_.process()[op]); }
  [[nodiscard]] bool has(OpIndex op, std::optional<FunctionId> function) const {
    return function && history_.function()[op] == *function && has(op);
  }

 private:
  const History& history_;
  std::vector<char> is_chosen_;
};

// An operation's interval, widened by its clock's error, so that what follows from it is certain.
struct Interval {
  std::int64_t sent = 0;
  std::int64_t completed = kNever;
};
[[nodiscard]] Interval certain_interval(const History& history, OpIndex op);
[[nodiscard]] std::int64_t clock_error(const History& history, OpIndex op);
// at + by, which stays within the range of times whatever a stranger's history says.
[[nodiscard]] std::int64_t shifted(std::int64_t at, std::int64_t by);

// The id of a JSON scalar ("nil" is null too), if the history has that value.
[[nodiscard]] std::optional<ValueId> find_value(const Values& values, std::string_view json);

}  // namespace squall
