// The one list of checkers.  A new one is one file and one line here (and its declaration).
#include <array>

#include "checker/checker.h"
#include "checker/rows.h"

namespace squall {

std::span<const CheckerRow> checkers() {
  static const std::array kRows = {
      bank_row(),
      bounded_staleness_row(),
      causal_row(),
      causal_reverse_row(),
      counter_row(),
      linearizable_row(),
      list_append_row(),
      log_pattern_row(),
      long_fork_row(),
      model_version_row(),
      monotonic_reads_row(),
      monotonic_writes_row(),
      mutual_exclusion_row(),
      prediction_parity_row(),
      queue_row(),
      read_atomic_row(),
      read_committed_row(),
      read_your_writes_row(),
      register_stream_row(),
      response_identity_row(),
      rw_register_row(),
      set_row(),
      set_full_row(),
      slo_row(),
      total_queue_row(),
      unique_ids_row(),
      write_skew_row(),
      writes_follow_reads_row(),
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
