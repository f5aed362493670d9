// `squall report`: the summary of a run file, again.
#include <CLI/CLI.hpp>
#include <memory>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "history/run_file.h"
#include "orchestrator/conclude.h"
#include "report/junit.h"
#include "report/terminal.h"

namespace squall {
namespace {

struct Options {
  std::string file;
  std::string junit;
};

// A file whose run was killed has no verdicts yet: it is judged now.
Result<Conclusion> read_conclusion(const std::string& path, const Scenario& scenario,
                                   const Recording& recording) {
  if (recording.verdicts.empty() && !scenario.checks.empty()) {
    return conclude(path, scenario, Budget{});
  }
  return reread(path, scenario);
}

Result<ExitCode> report(const Options& options) {
  const Recording recording = TRY(read_run_file(options.file));
  const Scenario scenario = TRY(scenario_of(recording, options.file));
  const Conclusion conclusion = TRY(read_conclusion(options.file, scenario, recording));
  print_text(terminal_summary(scenario, conclusion.recording, conclusion.judgement,
                              {.has_color = wants_color()}));
  if (!conclusion.warning.empty()) print_error(conclusion.warning);
  if (!options.junit.empty()) {
    TRY(write_file(options.junit, junit_xml(scenario, conclusion.recording, conclusion.judgement)));
  }
  print_line("history " + conclusion.recording.history.digest());
  return conclusion.judgement.code;
}

}  // namespace

void add_report(CLI::App& program, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("report", "Print the summary of a run file");
  command->add_option("FILE", options->file, "A run file")->required();
  command->add_option("--junit", options->junit, "Write JUnit XML here");
  command->footer(
      "Example:\n  squall report RUN.squall --junit run.xml\n"
      "Exits as the run did; after a kill, FILE and FILE-wal are read together.");
  command->callback([options, &chosen] {
    chosen.run = [options] {
      const Result<ExitCode> code = report(*options);
      return code ? to_int(*code) : fail(code.error());
    };
  });
}

}  // namespace squall
