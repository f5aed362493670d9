// The one list of checkers.  A new one is one file and one line here (and its declaration).
#include <array>

#include "checker/checker.h"
#include "checker/rows.h"

namespace squall {

std::span<const CheckerRow> checkers() {
  static const std::array kRows = {
      bounded_staleness_row(), counter_row(),
      linearizable_row(),      log_pattern_row(),
      model_version_row(),     mutual_exclusion_row(),
      prediction_parity_row(), queue_row(),
      response_identity_row(), set_row(),
      set_full_row(),          slo_row(),
      total_queue_row(),       unique_ids_row(),
  };
  return kRows;
}

const CheckerRow* find_checker(std::string_view name) {
  for (const CheckerRow& row : checkers()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace squall
