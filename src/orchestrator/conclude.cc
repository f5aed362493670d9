// From a closed run file to its judgement.
#include "orchestrator/conclude.h"

#include <algorithm>

#include "history/run_file.h"
#include "orchestrator/consequence.h"

namespace squall {
namespace {

Result<> write_back(const std::string& path, const std::vector<EvidenceRow>& evidence,
                    const std::vector<VerdictRow>& verdicts, const Judgement& judgement) {
  RunFileWriter file = TRY(RunFileWriter::open(path));
  file.clear_verdicts();
  for (const EvidenceRow& row : evidence) file.add_evidence(row);
  for (const VerdictRow& row : verdicts) file.add_verdict(row);
  file.set_meta("judgement", judgement.sentence);
  file.set_meta("exit_code", std::to_string(static_cast<int>(judgement.code)));
  return file.close();
}

bool is_consequential(const EvidenceRow& row) {
  return row.grade == "consequential";
}

}  // namespace

Result<Conclusion> conclude(const std::string& path, const Scenario& scenario,
                            const Budget& budget) {
  Conclusion conclusion{TRY(read_run_file(path)), {}, {}};
  Recording& recording = conclusion.recording;
  std::vector<EvidenceRow> fresh;
  const bool is_judged = std::any_of(recording.evidence.begin(), recording.evidence.end(),
                                     [](const EvidenceRow& row) { return is_consequential(row); });
  if (!is_judged) {
    fresh = consequences(recording);
    recording.evidence.insert(recording.evidence.end(), fresh.begin(), fresh.end());
  }
  recording.verdicts = run_checks(scenario, recording, budget);
  conclusion.judgement = judge(scenario, recording);
  const Result<> written = write_back(path, fresh, recording.verdicts, conclusion.judgement);
  if (!written)
    conclusion.warning = "the verdicts are not in the run file: " + written.error().what;
  return conclusion;
}

Result<Conclusion> reread(const std::string& path, const Scenario& scenario) {
  Conclusion conclusion{TRY(read_run_file(path)), {}, {}};
  conclusion.judgement = judge(scenario, conclusion.recording);
  return conclusion;
}

}  // namespace squall
