// `squall replay`: a sealed run again, from its run file alone, and whether it was the same.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "cli/host_facts.h"
#include "cli/print.h"
#include "history/history_difference.h"
#include "history/history_hash.h"
#include "history/run_file.h"
#include "orchestrator/conclude.h"
#include "orchestrator/sealed_replay.h"
#include "report/exit_meaning.h"
#include "report/terminal.h"

namespace squall {
namespace {

constexpr std::size_t kDifferencesShown = 20;

struct Options {
  std::string file;
  std::string out;
  bool is_quiet = false;
  ReplayOptions replay;
};

// "RUN.squall" gives "RUN-replay.squall", with a number behind it if it is taken.
std::string choose_out(const Options& options) {
  if (!options.out.empty()) return options.out;
  const std::filesystem::path file(options.file);
  const std::string stem = (file.parent_path() / file.stem()).string() + "-replay";
  for (int number = 1;; ++number) {
    std::string path = stem + (number == 1 ? "" : "-" + std::to_string(number)) + ".squall";
    if (!std::filesystem::exists(path)) return path;
  }
}

std::string count(std::size_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string size_of(const Recording& recording) {
  return count(recording.history.size(), "operation") + ", " +
         count(recording.faults.size(), "fault interval");
}

ExitCode compare(const Recording& recorded, const Recording& replayed, bool is_same_machine) {
  const auto difference = first_difference(recorded, replayed);
  if (!difference) {
    print_line("identical: " + size_of(replayed) + ", history " + history_hash(replayed));
    return ExitCode::kAsExpected;
  }
  print_line("different: " + printable(difference->what) + "\n  recorded: " +
             printable(difference->recorded) + "\n  replayed: " + printable(difference->replayed));
  print_line("recorded " + size_of(recorded) + ", ending '" +
             printable(meta_of(recorded, "ending")) + "'; replayed " + size_of(replayed) +
             ", ending '" + printable(meta_of(replayed, "ending")) + "'");
  if (!is_same_machine) print_line("what is named above as not as recorded may be why");
  print_line("history " + history_hash(replayed));
  return ExitCode::kViolation;
}

void print_machine(const ReplayMachine& machine) {
  const std::size_t size = machine.differences.size();
  for (std::size_t i = 0; i < std::min(size, kDifferencesShown); ++i) {
    print_line("not as recorded: " + printable(machine.differences[i]));
  }
  if (size > kDifferencesShown) {
    print_line("not as recorded: " + std::to_string(size - kDifferencesShown) + " more");
  }
  if (!machine.advice.empty()) print_line(machine.advice);
}

Result<ExitCode> replay(const Options& options) {
  const Recording recorded = TRY(read_run_file(options.file));
  const ReplaySource source = TRY(replay_source(options.file, recorded));
  RunSetup setup;
  setup.scenario = TRY(scenario_of(recorded, options.file));
  setup.text = source.source;
  setup.is_quiet = options.is_quiet;
  setup.stacks = stacks_path();
  setup.out = choose_out(options);
  setup.facts = host_facts();
  setup.facts[kCommandKey] = "squall replay " + shell_word(options.file);
  if (std::filesystem::exists(setup.out)) {
    return Error{Errc::kInvalid, setup.out + ": exists already; choose another name with --out"};
  }
  bool is_same_machine = true;
  Result<Conclusion> conclusion = Error{Errc::kIo, "the replay ended without a recording"};
  setup.on_recorded = [&] { conclusion = conclude(setup.out, setup.scenario, Budget{}); };
  TRY(replay_sealed(setup, source, options.replay, [&](const ReplayMachine& machine) {
    is_same_machine = machine.differences.empty();
    print_machine(machine);
  }));
  const Conclusion again = TRY(std::move(conclusion));
  if (!options.is_quiet) {
    print_text(terminal_summary(setup.scenario, again.recording, again.judgement,
                                {.has_color = wants_color()}));
    print_line("run file " + setup.out);
  }
  if (!again.warning.empty()) print_error(again.warning);
  return compare(recorded, again.recording, is_same_machine);
}

}  // namespace

void add_replay(CLI::App& program, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("replay", "Run a sealed run again from its run file, and compare");
  command->add_option("FILE", options->file, "A run file of --arena sealed")->required();
  command->add_option("--out", options->out, "The replay's run file (default: FILE-replay.squall)");
  command->add_flag("--quiet", options->is_quiet, "Only what differs, and the result");
  command->add_flag("--no-snapshot{false}", options->replay.is_cached,
                    "Boot; use and keep no snapshot");
  command->add_flag("--embedded", options->replay.is_embedded,
                    "The machine that FILE carries, even where this host has the same");
  command->add_flag("--trust-embedded-qemu", options->replay.is_qemu_trusted,
                    "Run the QEMU that FILE carries: a native program of whoever made FILE");
  command->footer(
      "Examples:\n"
      "  squall replay squall-runs/etcd-kv-safe-7-20260101T120000.squall\n"
      "  squall replay TICKET.squall --embedded --out again.squall\n"
      "Names each part of the machine that is not as recorded, then compares operation by\n"
      "operation and fault by fault.  Exits 0 if the replay is identical, whatever its verdicts;\n"
      "1 if it differs; 2 if FILE cannot be replayed, 3 if the machine cannot run here.");
  command->callback([options, &chosen] {
    chosen.run = [options] {
      const Result<ExitCode> code = replay(*options);
      return code ? to_int(*code) : fail(code.error());
    };
  });
}

}  // namespace squall
