// `squall perturb`: started inside the sealed machine once its stack is ready.  Not for people.
#include <sys/signalfd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <memory>

#include "arena/perturber.h"
#include "cli/commands.h"
#include "cli/print.h"

namespace squall {
namespace {

struct PerturbArguments {
  PerturberSettings settings;
  std::string directory;
};

// SIGTERM and SIGINT end it in order, so that nobody stays held.
Result<Fd> stop_signals() {
  sigset_t signals{};
  (void)::sigemptyset(&signals);
  (void)::sigaddset(&signals, SIGTERM);
  (void)::sigaddset(&signals, SIGINT);
  if (::sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) return errno_error("block SIGTERM");
  Fd stop(::signalfd(-1, &signals, SFD_CLOEXEC));
  if (!stop.is_open()) return errno_error("wait for SIGTERM");
  return stop;
}

int perturb(const PerturbArguments& arguments) {
  const Result<Fd> stop = stop_signals();
  if (!stop) return fail(stop.error());
  const Result<PerturberCounts> counts =
      run_perturber(arguments.settings, arguments.directory, *stop);
  if (!counts) return fail(counts.error());
  print_line("perturber: " + to_text(draw_character(arguments.settings)) + "; " + to_text(*counts));
  return 0;
}

}  // namespace

void add_perturb(CLI::App& program, Chosen& chosen) {
  auto arguments = std::make_shared<PerturbArguments>();
  CLI::App* command = program.add_subcommand("perturb", "Perturb the stack of a sealed machine");
  command->group("");  // hidden
  command->add_option("--seed", arguments->settings.seed, "0 perturbs nothing")->required();
  command->add_option("--intensity", arguments->settings.intensity, "so many times as often");
  command->add_option("--directory", arguments->directory, "an empty directory")->required();
  command->callback(
      [arguments, &chosen] { chosen.run = [arguments] { return perturb(*arguments); }; });
}

}  // namespace squall
