// The terminal summary of a recording.
#include "report/terminal.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "history/utf8.h"

namespace squall {
namespace {

using Json = nlohmann::json;

class Paint {
 public:
  explicit Paint(bool has_color) : has_color_(has_color) {}
  [[nodiscard]] std::string bold(const std::string& text) const { return wrap("1", text); }
  [[nodiscard]] std::string dim(const std::string& text) const { return wrap("2", text); }
  [[nodiscard]] std::string answer(const std::string& answer, const std::string& text) const {
    if (answer == "valid") return wrap("32", text);
    return wrap(answer == "violated" ? "1;31" : "33", text);
  }

 private:
  [[nodiscard]] std::string wrap(const std::string& code, const std::string& text) const {
    return has_color_ ? "\x1b[" + code + "m" + text + "\x1b[0m" : text;
  }
  bool has_color_;
};

// Counts characters, not bytes: "3s–13s" is six wide.
std::string padded(std::string text, std::size_t width) {
  const auto shown = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char letter) { return (letter & 0xC0) != 0x80; }));
  if (shown < width) text.append(width - shown, ' ');
  return text;
}

std::string at_text(std::int64_t ns) {
  return ns == kNever ? "never" : to_short_text(Duration(std::max<std::int64_t>(0, ns)));
}

std::string meta(const Recording& recording, const std::string& key) {
  const auto found = recording.meta.find(key);
  return found == recording.meta.end() ? "" : printable(found->second);
}

std::string head(const Recording& recording, const Paint& paint) {
  std::string line = paint.bold(meta(recording, "scenario"));
  line += "  arena " + meta(recording, "arena") + ", seed " + meta(recording, "seed");
  if (meta(recording, "control") == "true") line += ", control (without its faults)";
  line += ", " + std::to_string(recording.history.size()) + " operations";
  return line + "\n";
}

// What was measured, for promises that are about measures:
//   before     1000 operations at 100/s, p50 2ms, …
std::string fact_lines(const VerdictRow& row, const Paint& paint) {
  const auto detail = nlohmann::ordered_json::parse(row.detail, nullptr, false);
  if (row.kind != "slo" || !detail.is_object() || !detail.contains("facts")) return "";
  const nlohmann::ordered_json& facts = detail["facts"];
  if (!facts.is_object()) return "";
  std::size_t width = 0;
  for (const auto& [name, value] : facts.items()) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, value] : facts.items()) {
    if (!value.is_string()) continue;
    text += "           " + paint.dim(padded(printable(name), width + 2)) +
            printable(value.get<std::string>()) + "\n";
  }
  return text;
}

std::string verdict_lines(const VerdictRow& row, const Paint& paint, std::size_t witnesses_max) {
  std::string text = "  " + paint.answer(row.answer, padded(row.answer, 9)) + printable(row.check) +
                     paint.dim(" · " + std::to_string(row.examined) + " examined") + "\n";
  text += "           " + printable(row.summary) + "\n" + fact_lines(row, paint);
  const Json detail = Json::parse(row.detail, nullptr, false);
  if (detail.is_discarded() || !detail.contains("witnesses")) return text;
  std::size_t shown = 0;
  for (const Json& witness : detail["witnesses"]) {
    if (shown++ == witnesses_max) {
      return text + "           … and " +
             std::to_string(detail["witnesses"].size() - witnesses_max) +
             " more: squall query FILE \"SELECT detail FROM verdicts\"\n";
    }
    text += "           - " + printable(witness.value("why", "")) + "\n";
  }
  return text;
}

std::string mark(bool holds) {
  return holds ? "yes" : "NO";
}

std::string fault_lines(const Recording& recording, const FaultInterval& fault,
                        const Paint& paint) {
  const EvidenceSummary evidence = summarize_evidence(recording, fault.id);
  std::string when = at_text(fault.start);
  if (!fault.is_event) when += "–" + at_text(fault.end);
  std::string text = "  " + padded(when, 16) + printable(fault.kind) + " " +
                     paint.bold(printable(fault.id)) + "  " + printable(fault.targets);
  if (!fault.selected_by.empty()) text += paint.dim("  (" + printable(fault.selected_by) + ")");
  text += "\n                  installed " + mark(evidence.is_installed) + ", exercised " +
          mark(evidence.is_exercised) + ", consequential " + mark(evidence.is_consequential);
  if (fault.ending != "healed" && !fault.is_event) text += "; " + printable(fault.ending);
  return text + "\n";
}

}  // namespace

std::string printable(const std::string& text) {
  std::string clean = to_utf8(text);
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const auto byte = static_cast<unsigned char>(clean[i]);
    if (byte < 0x20 || byte == 0x7f) clean[i] = ' ';
    const bool is_wide = byte == 0xc2 && static_cast<unsigned char>(clean[i + 1]) < 0xa0;
    if (is_wide) clean.replace(i, 2, " ");
  }
  return clean;
}

std::string terminal_summary(const Scenario& scenario, const Recording& recording,
                             const Judgement& judgement, const TerminalStyle& style) {
  const Paint paint(style.has_color);
  std::string text = head(recording, paint);
  if (!scenario.why.empty()) text += paint.dim("  " + printable(scenario.why)) + "\n";
  text += "\nverdicts\n";
  for (const VerdictRow& row : recording.verdicts) {
    text += verdict_lines(row, paint, style.witnesses_max);
  }
  if (recording.verdicts.empty()) text += "  none: the scenario has no checks\n";
  if (!recording.faults.empty()) text += "\nfaults\n";
  for (const FaultInterval& fault : recording.faults) text += fault_lines(recording, fault, paint);
  for (const std::string& reason : judgement.invalid) {
    text += "\n" + paint.answer("violated", "invalid") + "  " + printable(reason) + "\n";
  }
  for (const std::string& doubt : judgement.doubts) {
    text += "\n" + paint.answer("unknown", "doubt") + "    " + printable(doubt) + "\n";
  }
  const bool is_fine = judgement.code == ExitCode::kAsExpected;
  const bool is_open = judgement.code == ExitCode::kInconclusive;
  const std::string color = is_fine ? "valid" : is_open ? "unknown" : "violated";
  text += "\n" + paint.answer(color, printable(judgement.sentence)) + "  (exit " +
          std::to_string(static_cast<int>(judgement.code)) + ")\n";
  return text;
}

}  // namespace squall
