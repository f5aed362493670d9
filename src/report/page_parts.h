// The parts of a report page's data, as JSON that web/*.js reads.  Times are ns since the start of
// the run.  Whatever comes from the stack (logs, errors, values) is cut to a limit and UTF-8.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "report/exit_meaning.h"
#include "report/series.h"

namespace squall {

using PageJson = nlohmann::ordered_json;

// Bytes of a page that one of its parts may take; what finds no more room is left out and counted.
class PageRoom {
 public:
  explicit PageRoom(std::size_t bytes) : left_(bytes) {}
  // Whether this row, as it will stand on the page, still fits; takes its room if so.
  [[nodiscard]] bool take(const PageJson& row);

 private:
  std::size_t left_;
};

// Together they bound a page's size, whatever the run was.
inline constexpr std::size_t kRoomForChecks = 250'000;
inline constexpr std::size_t kRoomForWitnesses = 250'000;
inline constexpr std::size_t kRoomForFaults = 350'000;
inline constexpr std::size_t kRoomForMarks = 100'000;
inline constexpr std::size_t kRoomForLogs = 300'000;
inline constexpr std::size_t kMaxChecksShown = 60;
inline constexpr std::size_t kMaxWitnessesShown = 6;      // per check
inline constexpr std::size_t kMaxWitnessOperations = 24;  // per witness
inline constexpr std::size_t kMaxFaultsShown = 100;
inline constexpr std::size_t kMaxEvidenceShown = 60;  // per fault
inline constexpr std::size_t kMaxReasonsShown = 20;
inline constexpr std::size_t kMaxNodesShown = 64;
inline constexpr std::size_t kMaxLogLines = 600;
inline constexpr std::size_t kMaxMarks = 400;
inline constexpr std::size_t kMaxSentence = 600;  // bytes of a text that a person reads
inline constexpr std::size_t kMaxLogText = 400;
inline constexpr std::size_t kMaxShortText = 80;
inline constexpr std::size_t kMaxScenarioText = std::size_t{64} << 10U;

// UTF-8, at most `limit` bytes and "…" where something was cut off.
[[nodiscard]] std::string clip(const std::string& text, std::size_t limit);

// From the first fault's start to the last heal; both kNever where there was no fault.
struct FaultSpan {
  std::int64_t from = kNever;
  std::int64_t to = kNever;
};
[[nodiscard]] FaultSpan fault_span(const Recording& recording, std::int64_t end);
// When the run was over: its duration, or its last operation or heal where that is missing.
[[nodiscard]] std::int64_t end_of(const Recording& recording);
// How much later than in the run the timeline began in the control (negative: earlier).
[[nodiscard]] std::int64_t control_shift(const Recording& recording, const Recording& control);
[[nodiscard]] std::vector<std::string> nodes_of(const Recording& recording);
// Nodes that a fault's resolved targets name, in the order of `nodes`.
[[nodiscard]] std::vector<std::string> nodes_in(const std::string& targets,
                                                const std::vector<std::string>& nodes);
// What the scenario asks of a fault's evidence; both for a fault that it does not name.
struct WantedEvidence {
  bool is_exercise_expected = true;
  bool is_consequence_expected = true;
};
[[nodiscard]] WantedEvidence wanted_evidence(const Scenario& scenario, const std::string& fault);
// The operations of a check's witnesses, out of its detail; nothing for a detail that is not ours.
struct ShownWitness {
  std::string why;
  std::vector<OpIndex> operations;
  std::size_t operations_in_all = 0;
};
struct ShownWitnesses {
  std::vector<ShownWitness> witnesses;
  std::size_t in_all = 0;
};
[[nodiscard]] ShownWitnesses witnesses_of(const VerdictRow& row, std::size_t operations);

[[nodiscard]] PageJson checks_json(const ReportInput& input);
[[nodiscard]] PageJson series_json(const Series& series);
[[nodiscard]] PageJson phases_json(const ReportInput& input);
[[nodiscard]] PageJson faults_json(const ReportInput& input);
[[nodiscard]] PageJson lanes_json(const Recording& recording);
[[nodiscard]] PageJson logs_json(const Recording& recording);

}  // namespace squall
