// Outcomes in words.
#include "report/exit_meaning.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace squall {

std::string headline(ExitCode code) {
  switch (code) {
    case ExitCode::kAsExpected:
      return "As expected";
    case ExitCode::kViolation:
      return "Violated";
    case ExitCode::kUsage:
      return "Not run";
    case ExitCode::kInvalid:
      return "Invalid";
    case ExitCode::kInconclusive:
      return "Inconclusive";
    case ExitCode::kAborted:
      return "Aborted";
    case ExitCode::kDirty:
      return "Dirty";
  }
  return "";
}

std::string exit_meaning(ExitCode code) {
  switch (code) {
    case ExitCode::kAsExpected:
      return "the run happened as written and ended as the scenario expects";
    case ExitCode::kViolation:
      return "the system broke a promise";
    case ExitCode::kUsage:
      return "the command or the scenario is wrong";
    case ExitCode::kInvalid:
      return "the run did not happen as written, so it proves nothing";
    case ExitCode::kInconclusive:
      return "a question stayed open: neither kept nor broken";
    case ExitCode::kAborted:
      return "stopped by the guard or by hand";
    case ExitCode::kDirty:
      return "an undo failed: see squall doctor and squall recover";
  }
  return "";
}

std::string tone(ExitCode code) {
  if (code == ExitCode::kAsExpected) return "good";
  return code == ExitCode::kInconclusive ? "open" : "bad";
}

std::string meta_of(const Recording& recording, const std::string& key) {
  const auto found = recording.meta.find(key);
  return found == recording.meta.end() ? "" : found->second;
}

std::string environment_of(const Recording& recording, const std::string& key) {
  const auto facts = nlohmann::json::parse(meta_of(recording, "environment"), nullptr, false);
  if (!facts.is_object()) return "";
  const auto found = facts.find(key);
  return found == facts.end() || !found->is_string() ? "" : found->get<std::string>();
}

std::string shell_word(const std::string& word) {
  const bool is_plain =
      !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 ||
               std::string_view("/._-+=:,@%").find(static_cast<char>(letter)) !=
                   std::string_view::npos;
      });
  if (is_plain) return word;
  std::string quoted = "'";
  for (const char letter : word)
    quoted += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return quoted + "'";
}

std::string reproduce_command(const Recording& recording) {
  const std::string said = environment_of(recording, kCommandKey);
  if (!said.empty()) return said;
  std::string command = "squall run " +
                        shell_word("scenarios/" + meta_of(recording, "scenario") + ".yaml") +
                        " --seed " + shell_word(meta_of(recording, "seed"));
  if (meta_of(recording, "control") == "true") command += " --control";
  return command;
}

Result<> match_control(const Recording& recording, const Recording& control) {
  const std::string name = meta_of(recording, "scenario");
  const std::string other = meta_of(control, "scenario");
  const std::string advice = "; make one: " + reproduce_command(recording) + " --control";
  if (meta_of(recording, "control") == "true") {
    return Error{Errc::kInvalid, "the run itself is a control run, so it has no control"};
  }
  if (other != name) {
    return Error{Errc::kInvalid,
                 "is a run of '" + other + "' and no control of '" + name + "'" + advice};
  }
  if (meta_of(control, "control") != "true") {
    return Error{Errc::kInvalid, "is a run of '" + name + "' with its faults" + advice};
  }
  if (meta_of(control, "seed") != meta_of(recording, "seed")) {
    return Error{Errc::kInvalid, "has seed " + meta_of(control, "seed") + " and the run has seed " +
                                     meta_of(recording, "seed") + advice};
  }
  return {};
}

}  // namespace squall
