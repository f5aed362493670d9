// One row per checker, each defined in the checker's own file.
#pragma once

#include "checker/checker.h"

namespace squall {

// What every checker of operations begins its parameters with.
inline constexpr ParamSpec kClientParam{
    "client",
    ParamType::kText,
    "",
    "the workload client whose operations are meant; all if empty",
    {}};

[[nodiscard]] const CheckerRow& bank_row();
[[nodiscard]] const CheckerRow& bounded_staleness_row();
[[nodiscard]] const CheckerRow& causal_row();
[[nodiscard]] const CheckerRow& causal_reverse_row();
[[nodiscard]] const CheckerRow& counter_row();
[[nodiscard]] const CheckerRow& linearizable_row();
[[nodiscard]] const CheckerRow& list_append_row();
[[nodiscard]] const CheckerRow& log_pattern_row();
[[nodiscard]] const CheckerRow& long_fork_row();
[[nodiscard]] const CheckerRow& model_version_row();
[[nodiscard]] const CheckerRow& monotonic_reads_row();
[[nodiscard]] const CheckerRow& monotonic_writes_row();
[[nodiscard]] const CheckerRow& mutual_exclusion_row();
[[nodiscard]] const CheckerRow& prediction_parity_row();
[[nodiscard]] const CheckerRow& queue_row();
[[nodiscard]] const CheckerRow& read_atomic_row();
[[nodiscard]] const CheckerRow& read_committed_row();
[[nodiscard]] const CheckerRow& read_your_writes_row();
[[nodiscard]] const CheckerRow& register_stream_row();
[[nodiscard]] const CheckerRow& response_identity_row();
[[nodiscard]] const CheckerRow& rw_register_row();
[[nodiscard]] const CheckerRow& set_row();
[[nodiscard]] const CheckerRow& set_full_row();
[[nodiscard]] const CheckerRow& slo_row();
[[nodiscard]] const CheckerRow& total_queue_row();
[[nodiscard]] const CheckerRow& unique_ids_row();
[[nodiscard]] const CheckerRow& write_skew_row();
[[nodiscard]] const CheckerRow& writes_follow_reads_row();

}  // namespace squall
