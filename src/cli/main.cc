// The program `squall`: parses the command line and runs one command.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "base/version.h"
#include "cli/commands.h"
#include "cli/print.h"

namespace {

constexpr const char* kFooter =
    R"(Exit codes: 0 as expected, 1 violation, 2 usage or scenario error, 3 invalid (did not run as
written), 4 inconclusive, 5 aborted, 6 dirty (an undo failed).  A CI may retry 3 and 4, never 1
or 6.

Examples:
  squall run scenarios/quickstart.yaml
  squall run scenarios/etcd-lock-unsafe.yaml --repeat 20
  squall check squall-runs/quickstart-7.squall --checker model-version:bound=2s
  squall query RUN.squall "SELECT * FROM faults")";

void add_all(CLI::App& program, squall::Chosen& chosen) {
  squall::add_run(program, chosen);
  squall::add_hunt(program, chosen);
  squall::add_shrink(program, chosen);
  squall::add_replay(program, chosen);
  squall::add_check(program, chosen);
  squall::add_export(program, chosen);
  squall::add_generate(program, chosen);
  squall::add_report(program, chosen);
  squall::add_validate(program, chosen);
  squall::add_schema(program, chosen);
  squall::add_query(program, chosen);
  squall::add_init(program, chosen);
  squall::add_shell(program, chosen);
  squall::add_faults(program, chosen);
  squall::add_checkers(program, chosen);
  squall::add_clients(program, chosen);
  squall::add_doctor(program, chosen);
  squall::add_recover(program, chosen);
  squall::add_agent(program, chosen);
  squall::add_client(program, chosen);
  squall::add_sealed_guest(program, chosen);
  squall::add_completion(program, chosen);
}

int run_program(int argc, char** argv) {
  CLI::App program("Squall: fault injection and chaos testing whose verdicts can be trusted.",
                   "squall");
  program.set_version_flag("--version", std::string("squall ") + std::string(squall::kVersion));
  program.footer(kFooter);
  program.require_subcommand(1);
  squall::Chosen chosen;
  add_all(program, chosen);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = program.exit(error);
    return code == 0 ? 0 : squall::to_int(squall::ExitCode::kUsage);
  }
  return chosen.run();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_program(argc, argv);
  } catch (const std::exception& error) {
    // Ours are Results; what comes here is the library's: out of memory, a broken locale.
    (void)std::fprintf(stderr, "squall: %s\n", error.what());
    return squall::to_int(squall::ExitCode::kInvalid);
  }
}
