// JUnit XML as CI systems read it.
#include "report/junit.h"

#include <cstdio>
#include <vector>

#include "history/utf8.h"

namespace squall {
namespace {

// XML 1.0 text in UTF-8; characters that XML forbids become '?'.
std::string escaped(const std::string& text) {
  std::string xml;
  for (const char letter : to_utf8(text)) {
    const auto byte = static_cast<unsigned char>(letter);
    switch (letter) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      case '"':
        xml += "&quot;";
        break;
      case '\n':
      case '\t':
        xml += letter;
        break;
      default:
        xml += byte < 0x20 ? '?' : letter;
    }
  }
  return xml;
}

enum class CaseEnd { kPassed, kFailed, kSkipped, kError };

struct Case {
  std::string name;
  CaseEnd end = CaseEnd::kPassed;
  std::string text;
};

std::string case_xml(const std::string& suite, const Case& row) {
  const std::string open = "    <testcase classname=\"" + escaped(suite) + "\" name=\"" +
                           escaped(row.name) + "\" time=\"0\">";
  const std::string message = " message=\"" + escaped(row.text) + "\"/>";
  switch (row.end) {
    case CaseEnd::kPassed:
      return open + "<system-out>" + escaped(row.text) + "</system-out></testcase>\n";
    case CaseEnd::kFailed:
      return open + "<failure" + message + "</testcase>\n";
    case CaseEnd::kSkipped:
      return open + "<skipped" + message + "</testcase>\n";
    case CaseEnd::kError:
      return open + "<error" + message + "</testcase>\n";
  }
  return "";
}

Case check_case(const VerdictRow& row, bool is_violation_fine) {
  Case made{"check " + row.check, CaseEnd::kPassed, row.summary};
  if (row.answer == "unknown") made.end = CaseEnd::kSkipped;
  if (row.answer == "violated" && !is_violation_fine) made.end = CaseEnd::kFailed;
  return made;
}

Case evidence_case(const Recording& recording, const FaultInterval& fault) {
  const EvidenceSummary evidence = summarize_evidence(recording, fault.id);
  Case made{"fault " + fault.kind + " " + fault.id, CaseEnd::kPassed,
            "installed, exercised and consequential on " + fault.targets};
  if (!evidence.is_installed) {
    made.end = CaseEnd::kError;
    made.text = "not installed: " + evidence.not_installed;
  } else if (!evidence.is_exercised) {
    made.end = CaseEnd::kSkipped;
    made.text = "installed, but it hit nothing";
  } else if (!evidence.is_consequential) {
    made.end = CaseEnd::kSkipped;
    made.text = "installed and exercised, but nothing followed";
  }
  return made;
}

Case run_case(const Judgement& judgement) {
  Case made{"run", CaseEnd::kPassed, judgement.sentence};
  switch (judgement.code) {
    case ExitCode::kAsExpected:
      break;
    case ExitCode::kViolation:
      made.end = CaseEnd::kFailed;
      break;
    case ExitCode::kInconclusive:
      made.end = CaseEnd::kSkipped;
      break;
    case ExitCode::kUsage:
    case ExitCode::kInvalid:
    case ExitCode::kAborted:
    case ExitCode::kDirty:
      made.end = CaseEnd::kError;
      break;
  }
  return made;
}

}  // namespace

std::string junit_xml(const Scenario& scenario, const Recording& recording,
                      const Judgement& judgement) {
  const auto control = recording.meta.find("control");
  const bool is_control = control != recording.meta.end() && control->second == "true";
  const bool is_violation_fine = !is_control && scenario.expect != Expect::kPass;
  std::vector<Case> cases;
  for (const VerdictRow& row : recording.verdicts)
    cases.push_back(check_case(row, is_violation_fine));
  for (const FaultInterval& fault : recording.faults)
    cases.push_back(evidence_case(recording, fault));
  cases.push_back(run_case(judgement));

  int failed = 0;
  int skipped = 0;
  int broken = 0;
  std::string body;
  for (const Case& row : cases) {
    failed += row.end == CaseEnd::kFailed ? 1 : 0;
    skipped += row.end == CaseEnd::kSkipped ? 1 : 0;
    broken += row.end == CaseEnd::kError ? 1 : 0;
    body += case_xml("squall." + scenario.name, row);
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"" +
         escaped(scenario.name) + "\" tests=\"" + std::to_string(cases.size()) + "\" failures=\"" +
         std::to_string(failed) + "\" errors=\"" + std::to_string(broken) + "\" skipped=\"" +
         std::to_string(skipped) + "\">\n" + body + "  </testsuite>\n</testsuites>\n";
}

}  // namespace squall
