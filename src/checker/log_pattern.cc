// log-pattern: no process of the stack wrote a line that means it is broken.
#include <optional>

#include "base/pattern.h"
#include "checker/explain.h"
#include "checker/rows.h"

namespace squall {
namespace {

constexpr std::size_t kMaxWitnesses = 10;
constexpr std::size_t kMaxLineQuoted = 200;  // bytes

constexpr ParamSpec kParams[] = {
    {"pattern",
     ParamType::kText,
     "panic:|fatal error|core dumped|SIGSEGV|Assertion .* failed",
     "a Perl regular expression; a line in which it is found is a violation",
     {}},
    {"ignore", ParamType::kText, "", "lines in which this one is found too are passed over", {}},
    {"process", ParamType::kText, "", "only lines of this process; all if empty", {}},
    {"node", ParamType::kText, "", "only lines of this node; all if empty", {}},
};

struct Scan {
  std::uint64_t examined = 0;
  std::uint64_t found = 0;
  std::uint64_t too_hard = 0;
  std::vector<Witness> witnesses;
  std::int64_t first_at = 0;
};

std::string where(const LogLine& line) {
  return line.node.empty() ? line.process : line.process + " on " + line.node;
}

Witness explain(const LogLine& line) {
  std::string text = line.text.substr(0, kMaxLineQuoted);
  if (text.size() < line.text.size()) text += "…";
  return {{}, where(line) + " wrote at " + seconds(line.at) + ": " + text};
}

void look_at(const LogLine& line, const Pattern& pattern, const std::optional<Pattern>& ignore,
             Scan& scan) {
  ++scan.examined;
  const std::optional<bool> is_found = pattern.find_in(line.text);
  const std::optional<bool> is_ignored =
      ignore && is_found.value_or(false) ? ignore->find_in(line.text) : false;
  if (!is_found || !is_ignored) {
    ++scan.too_hard;
    return;
  }
  if (!*is_found || *is_ignored) return;
  if (scan.found++ == 0) scan.first_at = line.at;
  if (scan.witnesses.size() < kMaxWitnesses) scan.witnesses.push_back(explain(line));
}

Verdict judge(const CheckInput& input, Scan scan) {
  const std::string& pattern = input.params.text("pattern");
  Verdict verdict = conclude(scan.examined, std::move(scan.witnesses),
                             counted(scan.examined, "line") + ", none with '" + pattern + "'",
                             "no log line was recorded");
  if (scan.found > 0) {
    verdict.summary =
        verdict.witnesses.front().why + while_faults(input.recording, scan.first_at, scan.first_at);
    if (scan.found > 1) verdict.summary += " (and " + std::to_string(scan.found - 1) + " more)";
  } else if (scan.too_hard > 0) {
    verdict.answer = Answer::kUnknown;
    verdict.summary = counted(scan.too_hard, "line") + " too hard for '" + pattern + "'";
  }
  verdict.facts = {{"lines", std::to_string(scan.examined)},
                   {"lines with the pattern", std::to_string(scan.found)}};
  return verdict;
}

Verdict invalid(const Error& error) {
  Verdict verdict;
  verdict.summary = error.what;
  return verdict;
}

Verdict check(const CheckInput& input) {
  const Params& params = input.params;
  const Result<Pattern> pattern = Pattern::compile(params.text("pattern")).in("'pattern'");
  if (!pattern.ok()) return invalid(pattern.error());
  std::optional<Pattern> ignore;
  if (params.has("ignore")) {
    Result<Pattern> compiled = Pattern::compile(params.text("ignore")).in("'ignore'");
    if (!compiled.ok()) return invalid(compiled.error());
    ignore = std::move(compiled).value();
  }
  const std::string& process = params.text("process");
  const std::string& node = params.text("node");
  Scan scan;
  for (const LogLine& line : input.recording.logs) {
    if (!process.empty() && line.process != process) continue;
    if (!node.empty() && line.node != node) continue;
    look_at(line, pattern.value(), ignore, scan);
  }
  return judge(input, std::move(scan));
}

}  // namespace

const CheckerRow& log_pattern_row() {
  static const CheckerRow kRow{
      "log-pattern", "no log line says that a process broke",
      "Searches every recorded log line for a regular expression (Perl syntax, case matters); the "
      "default finds panics, fatal errors, core dumps and failed assertions. Lines that 'ignore' "
      "finds as well are passed over. Of a line longer than 64 KiB the beginning is searched. A "
      "line on which the expression takes too long makes the answer unknown.",
      kParams, check};
  return kRow;
}

}  // namespace squall
