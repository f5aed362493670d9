// `squall report`: the summary of a run file, again.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/report_files.h"
#include "history/history_hash.h"
#include "history/run_file.h"
#include "orchestrator/conclude.h"
#include "report/terminal.h"

namespace squall {
namespace {

struct Options {
  std::string file;
  std::string control;
  ReportFiles files;
};

// A file whose run was killed has no verdicts yet: it is judged now.
Result<Conclusion> read_conclusion(const std::string& path, const Scenario& scenario,
                                   const Recording& recording) {
  if (recording.verdicts.empty() && !scenario.checks.empty()) {
    return conclude(path, scenario, Budget{});
  }
  return reread(path, scenario);
}

Result<std::optional<Recording>> read_control(const Options& options, const Recording& recording) {
  if (options.control.empty()) return std::optional<Recording>{};
  Recording control = TRY(read_run_file(options.control));
  const Result<> matched = match_control(recording, control);
  if (!matched) return Error{matched.error().code, options.control + ": " + matched.error().what};
  return std::optional<Recording>(std::move(control));
}

Result<ExitCode> report(const Options& options) {
  TRY(check_targets(options.files));
  const Recording recording = TRY(read_run_file(options.file));
  const Scenario scenario = TRY(scenario_of(recording, options.file));
  const std::optional<Recording> control = TRY(read_control(options, recording));
  const Conclusion conclusion = TRY(read_conclusion(options.file, scenario, recording));
  const bool is_summary_shown = !goes_to_standard_output(options.files);
  if (is_summary_shown) {
    print_text(terminal_summary(scenario, conclusion.recording, conclusion.judgement,
                                {.has_color = wants_color()}));
  }
  if (!conclusion.warning.empty()) print_error(conclusion.warning);
  TRY(write_reports(
      {scenario, conclusion.recording, conclusion.judgement, control ? &*control : nullptr},
      options.files));
  if (is_summary_shown) print_line("history " + history_hash(conclusion.recording));
  return conclusion.judgement.code;
}

}  // namespace

void add_report(CLI::App& program, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("report", "Print the summary of a run file");
  command->add_option("FILE", options->file, "A run file")->required();
  command->add_option("--junit", options->files.junit, "Write JUnit XML here");
  command->add_option("--html", options->files.html, "Write one HTML page here; - is the output");
  command->add_option("--markdown", options->files.markdown,
                      "Write Markdown for a ticket here; - is the output");
  command->add_option("--control", options->control,
                      "Beside it: a run file of the same scenario and seed, run with --control");
  command->footer(
      "Examples:\n"
      "  squall report RUN.squall --html run.html --control CONTROL.squall\n"
      "  squall report RUN.squall --markdown -\n"
      "Exits as the run did; after a kill, FILE and FILE-wal are read together.");
  command->callback([options, &chosen] {
    chosen.run = [options] {
      const Result<ExitCode> code = report(*options);
      return code ? to_int(*code) : fail(code.error());
    };
  });
}

}  // namespace squall
