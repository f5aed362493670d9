// `squall check`: checks recorded histories again, offline.  Exits 0 valid, 1 violated, 4 unknown,
// 2 usage or unreadable.
#include "checker/checker.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/print.h"
#include "history/jsonl.h"
#include "history/run_file.h"

namespace squall {
namespace {

constexpr std::size_t kWitnessesShown = 5;

struct Options {
  std::vector<std::string> files;
  std::vector<std::string> checkers;
  bool is_json = false;
};

Result<Recording> read_recording(const std::string& path) {
  if (looks_like_run_file(path)) return read_run_file(path);
  Recording recording;
  recording.history = TRY(read_jsonl_file(path));
  return recording;
}

// What was asked for, else what the run's scenario checks, else linearizability.
Result<std::vector<CheckRequest>> choose_checks(const Options& options, const Recording& recording,
                                                const std::string& path) {
  std::vector<CheckRequest> requests;
  for (const std::string& text : options.checkers) requests.push_back(TRY(parse_check(text)));
  if (!requests.empty()) return requests;
  if (recording.meta.contains("resolved")) return TRY(scenario_of(recording, path)).checks;
  requests.push_back(TRY(parse_check("linearizable")));
  return requests;
}

void print_verdict(const std::string& file, const CheckRequest& request, const Verdict& verdict) {
  print_line(file + ": " + request.to_text() + ": " + std::string(to_text(verdict.answer)) + ", " +
             std::to_string(verdict.examined) + " examined: " + verdict.summary);
  const std::size_t shown = std::min(verdict.witnesses.size(), kWitnessesShown);
  for (std::size_t i = 0; i < shown; ++i) print_line("  - " + verdict.witnesses[i].why);
}

nlohmann::json verdict_json(const std::string& file, const CheckRequest& request,
                            const Verdict& verdict) {
  const VerdictRow row = to_row(request, verdict);
  return {{"file", file},           {"check", row.check},
          {"answer", row.answer},   {"examined", row.examined},
          {"summary", row.summary}, {"detail", nlohmann::json::parse(row.detail, nullptr, false)}};
}

// The loudest answer over all files, or the first error.
Result<Answer> check_all(const Options& options) {
  Answer loudest = Answer::kValid;
  nlohmann::json all = nlohmann::json::array();
  for (const std::string& file : options.files) {
    const Recording recording = TRY(read_recording(file));
    for (const CheckRequest& request : TRY(choose_checks(options, recording, file))) {
      const Verdict verdict = run_check(request, recording, Budget{});
      loudest = std::max(loudest, verdict.answer);
      if (options.is_json) {
        all.push_back(verdict_json(file, request, verdict));
      } else {
        print_verdict(file, request, verdict);
      }
    }
  }
  if (options.is_json) print_line(all.dump(2));
  return loudest;
}

int check(const Options& options) {
  const Result<Answer> answer = check_all(options);
  if (!answer) {
    print_error(answer.error().what);
    return to_int(ExitCode::kUsage);
  }
  if (*answer == Answer::kViolated) return to_int(ExitCode::kViolation);
  return to_int(*answer == Answer::kUnknown ? ExitCode::kInconclusive : ExitCode::kAsExpected);
}

}  // namespace

void add_check(CLI::App& program, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("check", "Check recorded histories again, offline");
  command->add_option("FILE", options->files, "Run files or JSON lines (.jsonl, .gz, .zst)")
      ->required();
  command
      ->add_option("--checker", options->checkers,
                   "NAME or NAME:param=value,… (repeatable; default: the run's own checks)")
      ->allow_extra_args(false);
  command->add_flag("--json", options->is_json, "As JSON");
  command->footer(
      "Examples:\n"
      "  squall check RUN.squall\n"
      "  squall check history.jsonl --checker linearizable:model=cas-register\n"
      "Exits 0 valid, 1 violated, 4 unknown, 2 usage or unreadable.");
  command->callback([options, &chosen] { chosen.run = [options] { return check(*options); }; });
}

}  // namespace squall
