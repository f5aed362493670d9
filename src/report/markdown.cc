// Verdict, checks, faults, the witness in words, how to run it again.
#include "report/markdown.h"

#include <algorithm>

#include "base/time.h"
#include "history/history_hash.h"
#include "report/page_parts.h"

namespace squall {
namespace {

constexpr std::size_t kMaxRows = 40;
constexpr std::size_t kMaxCell = 300;  // bytes of the run's own text in one cell

// Characters that Markdown or HTML would act on; a mention ("@name") gets a zero-width space.
std::string escaped(const std::string& from, std::size_t limit = kMaxCell) {
  std::string text;
  for (const char letter : clip(from, limit)) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '&') {
      text += "&amp;";
    } else if (letter == '<') {
      text += "&lt;";
    } else if (letter == '>') {
      text += "&gt;";
    } else if (letter == '@') {
      text += "@\u200b";
    } else if (byte < 0x20 || byte == 0x7f) {
      text += ' ';
    } else {
      if (std::string_view("\\`*_[]|~").find(letter) != std::string_view::npos) text += '\\';
      text += letter;
    }
  }
  return text;
}

// A code block that the text cannot leave: its fence is longer than any run of backticks in it.
std::string code_block(const std::string& text) {
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char letter : text) {
    run = letter == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fence + "sh\n" + text + "\n" + fence + "\n";
}

std::string at_text(std::int64_t ns) {
  return ns == kNever ? "never" : to_short_text(Duration(std::max<std::int64_t>(0, ns)));
}

std::string yes_no(bool holds, bool is_expected = true) {
  if (holds) return "yes";
  return is_expected ? "**no**" : "no, nor asked to be";
}

std::string head(const ReportInput& input) {
  const Recording& recording = input.recording;
  const ExitCode code = input.judgement.code;
  const std::string sign = tone(code) == "good" ? "✓" : tone(code) == "open" ? "?" : "✗";
  std::string text = "### " + sign + " " + headline(code) + ": " +
                     escaped(meta_of(recording, "scenario")) + "\n\n**" +
                     escaped(input.judgement.sentence, kMaxSentence) + "**\n\nExit " +
                     std::to_string(static_cast<int>(code)) + ": " + exit_meaning(code) + ".";
  if (!input.scenario.why.empty()) text += " Asked: " + escaped(input.scenario.why) + ".";
  text += "\n";
  std::size_t shown = 0;
  for (const std::string& reason : input.judgement.invalid) {
    if (shown++ < kMaxReasonsShown) text += "- invalid: " + escaped(reason) + "\n";
  }
  for (const std::string& doubt : input.judgement.doubts) {
    if (shown++ < kMaxReasonsShown) text += "- doubt: " + escaped(doubt) + "\n";
  }
  return text;
}

std::string checks_table(const Recording& recording) {
  if (recording.verdicts.empty()) return "\nThe scenario has no checks.\n";
  std::string text = "\n| check | answer | examined | found |\n|---|---|--:|---|\n";
  std::size_t shown = 0;
  for (const VerdictRow& row : recording.verdicts) {
    if (shown++ == kMaxRows) break;
    text += "| " + escaped(row.check) + " | " + escaped(row.answer) + " | " +
            std::to_string(row.examined) + " | " + escaped(row.summary) + " |\n";
  }
  return text;
}

std::string times(std::int64_t start, std::int64_t end, bool is_event) {
  return is_event ? at_text(start) : at_text(start) + "–" + at_text(end);
}

std::string faults_table(const ReportInput& input) {
  const Recording& recording = input.recording;
  if (recording.faults.empty()) return "";
  std::string text =
      "\n| fault | where | requested | achieved | installed | exercised | consequential |\n"
      "|---|---|---|---|---|---|---|\n";
  std::size_t shown = 0;
  for (const FaultInterval& fault : recording.faults) {
    if (shown++ == kMaxRows) break;
    const EvidenceSummary evidence = summarize_evidence(recording, fault.id);
    const WantedEvidence wanted = wanted_evidence(input.scenario, fault.id);
    text += "| " + escaped(fault.id) + " (" + escaped(fault.kind) + ") " +
            escaped(fault.parameters) + " | " + escaped(fault.targets) + " | " +
            times(fault.requested_start, fault.requested_end, fault.is_event) + " | " +
            times(fault.start, fault.end, fault.is_event) +
            (fault.ending.empty() ? "" : ", " + escaped(fault.ending)) + " | " +
            yes_no(evidence.is_installed) + " | " +
            yes_no(evidence.is_exercised, wanted.is_exercise_expected) + " | " +
            yes_no(evidence.is_consequential, wanted.is_consequence_expected) + " |\n";
  }
  return text;
}

// The first witness of each violated check; the rest are in the run file.
std::string witnesses_text(const Recording& recording) {
  std::string text;
  std::size_t shown_checks = 0;
  for (const VerdictRow& row : recording.verdicts) {
    const ShownWitnesses shown = witnesses_of(row, recording.history.size());
    if (shown.witnesses.empty() || shown_checks == kMaxWitnessesShown) continue;
    ++shown_checks;
    const ShownWitness& first = shown.witnesses.front();
    text += "\n**Witness** of " + escaped(row.check) + " (1 of " + std::to_string(shown.in_all) +
            "): " + escaped(first.why, kMaxSentence) + "\n\n";
    std::size_t number = 0;
    for (const OpIndex index : first.operations) {
      text += std::to_string(++number) + ". " + escaped(recording.history.describe(index)) + "\n";
    }
    const std::size_t more = first.operations_in_all - first.operations.size();
    if (more > 0) text += "\n… and " + std::to_string(more) + " more operations\n";
  }
  return text;
}

std::string foot(const Recording& recording) {
  return "\n" + code_block(clip(reproduce_command(recording), kMaxSentence)) + "\nseed " +
         escaped(meta_of(recording, "seed")) + ", arena " + escaped(meta_of(recording, "arena")) +
         ", " + std::to_string(recording.history.size()) + " operations, started " +
         escaped(meta_of(recording, "started")) + ", history `" + history_hash(recording) + "`\n";
}

}  // namespace

std::string markdown_report(const ReportInput& input) {
  constexpr std::string_view kCut = "\n… cut here: the run file holds the rest\n";
  const Recording& recording = input.recording;
  std::string body =
      head(input) + checks_table(recording) + faults_table(input) + witnesses_text(recording);
  const std::string end = foot(recording);
  const std::size_t room = kMaxMarkdownBytes - end.size() - kCut.size();
  if (body.size() > room) {
    // At the end of a line, so that no row and no escape is cut in half.
    body.resize(body.rfind('\n', room) + 1);
    body += kCut;
  }
  return body + end;
}

}  // namespace squall
