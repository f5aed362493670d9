// Exit code, run file and output of one child.
#include "search/run_reading.h"

#include <array>

#include "base/files.h"
#include "history/run_file.h"
#include "orchestrator/judge.h"

namespace squall {
namespace {

constexpr std::size_t kMaxVerdicts = 1000;
constexpr std::size_t kMaxLog = std::size_t{1} << 20U;

std::string last_line_that_begins(const std::string& text, const std::string& with) {
  const std::size_t at = text.starts_with(with) && text.rfind("\n" + with) == std::string::npos
                             ? 0
                             : text.rfind("\n" + with) + 1;
  if (at == 0 && !text.starts_with(with)) return "";
  return text.substr(at + with.size(), text.find('\n', at) - at - with.size());
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const std::size_t at = text.rfind('\n');
  return at == std::string::npos ? text : text.substr(at + 1);
}

std::vector<Violation> violations_in(const std::string& file) {
  const Result<QueryTable> table = query_run_file(
      file, "SELECT check_name, answer, summary, detail FROM verdicts", kMaxVerdicts);
  if (!table) return {};
  std::vector<VerdictRow> rows;
  for (const std::vector<std::string>& row : table->rows) {
    VerdictRow verdict;
    verdict.check = row[0];
    verdict.answer = row[1];
    verdict.summary = row[2];
    verdict.detail = row[3];
    rows.push_back(std::move(verdict));
  }
  return violations_of(rows);
}

std::string judgement_in(const std::string& file) {
  const Result<QueryTable> table =
      query_run_file(file, "SELECT value FROM meta WHERE key = 'judgement'", 1);
  return table && !table->rows.empty() ? table->rows[0][0] : "";
}

RunOutcome outcome_of(int code) {
  switch (static_cast<ExitCode>(code)) {
    case ExitCode::kAsExpected:
      return RunOutcome::kClean;
    case ExitCode::kViolation:
      return RunOutcome::kViolation;
    case ExitCode::kInconclusive:
      return RunOutcome::kInconclusive;
    case ExitCode::kAborted:
      return RunOutcome::kAborted;
    case ExitCode::kUsage:
    case ExitCode::kInvalid:
    case ExitCode::kDirty:
      break;
  }
  return RunOutcome::kInvalid;
}

}  // namespace

RunReading read_run(const ExitStatus& status, const std::string& file, const std::string& log) {
  RunReading reading;
  const std::string output = read_file(log, kMaxLog).value_or("");
  reading.history = last_line_that_begins(output, "history ");
  if (status.is_signalled) {
    reading.exit_code = -status.code;
    reading.reason = "squall run was ended by signal " + std::to_string(status.code);
    return reading;
  }
  reading.exit_code = status.code;
  reading.outcome = outcome_of(status.code);
  reading.is_fatal = status.code == static_cast<int>(ExitCode::kUsage) ||
                     status.code == static_cast<int>(ExitCode::kDirty);
  if (reading.outcome == RunOutcome::kClean) return reading;
  reading.reason = judgement_in(file);
  if (reading.reason.empty()) reading.reason = last_line(output);
  if (reading.outcome != RunOutcome::kViolation) return reading;
  reading.violations = violations_in(file);
  if (!reading.violations.empty()) return reading;
  // Says violation, and shows none: nothing that anybody could look at.
  reading.outcome = RunOutcome::kInvalid;
  reading.reason = "it ended with exit code 1, but its run file names no violation";
  return reading;
}

}  // namespace squall
