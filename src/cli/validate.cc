// `squall validate`: all problems of scenario files, without running anything.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/print.h"

namespace squall {
namespace {

struct Options {
  std::vector<std::string> files;
  std::vector<std::string> overrides;
};

// "4 faults", "1 faults and 4 to 7 drawn ones".
std::string faults_text(const Scenario& scenario) {
  std::string text = std::to_string(scenario.timeline.size()) + " faults";
  if (!scenario.random) return text;
  return text + " and " + std::to_string(scenario.random->count_min) + " to " +
         std::to_string(scenario.random->count_max) + " drawn ones";
}

int validate(const Options& options) {
  int code = 0;
  for (const std::string& file : options.files) {
    const Result<Scenario> scenario = load_or_print(file, options.overrides);
    if (!scenario) {
      code = fail(scenario.error());
      continue;
    }
    print_line(file + ": valid: " + std::to_string(scenario->topology.nodes.size()) + " nodes, " +
               faults_text(*scenario) + ", " + std::to_string(scenario->checks.size()) + " checks");
  }
  return code;
}

}  // namespace

void add_validate(CLI::App& program, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("validate", "Check scenario files; print all problems");
  command->add_option("SCENARIO", options->files, "Scenario files")->required();
  command->add_option("--set", options->overrides, "Override a value: KEY=VALUE (repeatable)");
  command->footer("Example:\n  squall validate scenarios/*.yaml");
  command->callback([options, &chosen] { chosen.run = [options] { return validate(*options); }; });
}

}  // namespace squall
