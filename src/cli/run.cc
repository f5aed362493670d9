// `squall run`: a scenario in an arena, once or many times, and the verdict.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/files.h"
#include "base/program_path.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/dry_run.h"
#include "cli/host_facts.h"
#include "cli/print.h"
#include "cli/report_files.h"
#include "history/history_hash.h"
#include "orchestrator/arena_choice.h"
#include "orchestrator/conclude.h"
#include "orchestrator/run.h"
#include "orchestrator/sealed_refusals.h"
#include "orchestrator/sealed_run.h"
#include "report/terminal.h"
#include "scenarios/schedule.h"

namespace squall {
namespace {

constexpr const char* kRunFolder = "squall-runs";
constexpr const char* kSealedGroup = "The sealed arena";  // its options take that arena

struct Options {
  std::string scenario;
  std::string arena = "auto";  // once chosen: lab or sealed
  std::string out;
  ReportFiles files;
  std::vector<std::string> overrides;
  std::uint64_t seed = 0;
  bool has_seed = false;
  int repeat = 1;
  bool is_control = false;
  bool is_kept = false;
  bool is_dry = false;
  bool is_quiet = false;
  bool has_no_baseline = false;
  SealedOptions sealed;
  std::string only_sealed{};  // an option that was given and means nothing in the lab; "": none
};

bool is_sealed(const Options& options) {
  return options.arena == "sealed";
}

// "squall-runs/etcd-lock-unsafe-7-20260101T120000.squall", with a number behind it if it is taken.
Result<std::string> choose_out(const Options& options, const Scenario& scenario, int round) {
  if (!options.out.empty()) {
    if (options.repeat == 1) return options.out;
    return options.out + "." + std::to_string(round);
  }
  std::error_code error;
  std::filesystem::create_directories(kRunFolder, error);
  if (error) return Error{Errc::kIo, std::string(kRunFolder) + ": " + error.message()};
  std::string stamp = to_text(system_clock().wall()).substr(0, 19);
  std::erase(stamp, '-');
  std::erase(stamp, ':');
  const std::string stem = std::string(kRunFolder) + "/" + scenario.name + "-" +
                           std::to_string(scenario.seed) +
                           (scenario.is_control ? "-control-" : "-") + stamp;
  for (int number = 1;; ++number) {
    const std::string path = stem + (number == 1 ? "" : "-" + std::to_string(number)) + ".squall";
    if (!std::filesystem::exists(path)) return path;
  }
}

void print_conclusion(const Options& options, const Scenario& scenario, const std::string& out,
                      const Conclusion& conclusion) {
  if (!options.is_quiet) {
    print_text(terminal_summary(scenario, conclusion.recording, conclusion.judgement,
                                {.has_color = wants_color()}));
    print_line("run file " + out);
  }
  if (!conclusion.warning.empty()) print_error(conclusion.warning);
  const Result<> written =
      write_reports({scenario, conclusion.recording, conclusion.judgement}, options.files);
  if (!written) print_error(written.error().what);
}

struct Round {
  ExitCode code = ExitCode::kInvalid;
  bool is_violated = false;
  std::string digest;
};

// What to type to get this run again, wherever the overrides came from.
std::string command_line(const Options& options, const Scenario& scenario) {
  std::string command =
      "squall run " + shell_word(options.scenario) + " --seed " + std::to_string(scenario.seed);
  for (const std::string& row : options.overrides) command += " --set " + shell_word(row);
  if (options.has_no_baseline) command += " --no-baseline";
  if (scenario.is_control) command += " --control";
  if (!is_sealed(options)) return command;
  return command + " --arena sealed --perturb " + std::to_string(options.sealed.perturb);
}

// One run, judged and printed.
Result<Round> run_once(const Options& options, const Scenario& scenario, const std::string& text,
                       int number) {
  const std::string out = TRY(choose_out(options, scenario, number));
  Result<Round> round = Error{Errc::kIo, "the run ended without a recording"};
  RunSetup setup;
  setup.scenario = scenario;
  setup.text = text;
  setup.is_kept = options.is_kept;
  setup.is_quiet = options.is_quiet;
  setup.has_baseline = !options.has_no_baseline;
  setup.stacks = stacks_path();
  setup.out = out;
  setup.facts = host_facts();
  setup.facts[kCommandKey] = command_line(options, scenario);
  setup.on_recorded = [&] {
    Result<Conclusion> conclusion = conclude(out, scenario, Budget{});
    if (!conclusion) {
      round = std::move(conclusion).error();
      return;
    }
    print_conclusion(options, scenario, out, *conclusion);
    Round made{conclusion->judgement.code, false, history_hash(conclusion->recording)};
    for (const VerdictRow& row : conclusion->recording.verdicts) {
      made.is_violated |= row.answer == "violated";
    }
    round = made;
    if (options.is_kept) {
      print_line("the lab is up; in another terminal: squall shell --run " +
                 std::to_string(::getpid()) + " " + scenario.topology.nodes.front().name.get() +
                 " -- CMD; Ctrl-C here ends it");
    }
  };
  TRY(is_sealed(options) ? run_sealed(setup, options.sealed) : run_scenario(setup));
  return round;
}

// The order in which codes are louder (judge.h), for the sum of several runs.
int loudness(ExitCode code) {
  switch (code) {
    case ExitCode::kDirty:
      return 6;
    case ExitCode::kViolation:
      return 5;
    case ExitCode::kAborted:
      return 4;
    case ExitCode::kInvalid:
      return 3;
    case ExitCode::kUsage:
      return 2;
    case ExitCode::kInconclusive:
      return 1;
    case ExitCode::kAsExpected:
      break;
  }
  return 0;
}

int run_repeatedly(const Options& options, const Scenario& scenario, const std::string& text) {
  const bool is_expected =
      scenario.expect == Expect::kViolation && !scenario.is_control && options.repeat > 1;
  ExitCode loudest = ExitCode::kAsExpected;
  int violated = 0;
  int done = 0;
  std::string digest;
  for (int number = 1; number <= options.repeat && loudest != ExitCode::kAborted; ++number) {
    const Result<Round> round = run_once(options, scenario, text, number);
    if (!round) return fail(round.error());
    ++done;
    violated += round->is_violated ? 1 : 0;
    digest = round->digest;
    // One run that does not show an expected violation says little when others did show it.
    const bool is_miss = round->code == ExitCode::kInconclusive && is_expected;
    if (!is_miss && loudness(round->code) > loudness(loudest)) loudest = round->code;
    if (options.repeat > 1) {
      print_line("run " + std::to_string(number) + "/" + std::to_string(options.repeat) +
                 ": exit " + std::to_string(to_int(round->code)) +
                 (round->is_violated ? ", violated" : ""));
    }
  }
  if (options.repeat > 1) {
    print_line("reproduced " + std::to_string(violated) + "/" + std::to_string(done));
    if (is_expected && violated == 0 && loudest == ExitCode::kAsExpected) {
      loudest = ExitCode::kInconclusive;
    }
  }
  print_line("history " + digest);
  return to_int(loudest);
}

// The same options with the arena chosen; nothing has been built by then.
Result<Options> with_arena(Options options, const Scenario& scenario) {
  const SealedWish wish{.scenario = scenario,
                        .self = self_program(),
                        .stacks = stacks_path(),
                        .include = options.sealed.include,
                        .is_kept = options.is_kept};
  if (!options.only_sealed.empty()) options.arena = "sealed";
  const ArenaChoice choice = TRY(choose_arena_of_run(options.arena, arena_probes(wish)));
  if (!choice.remark.empty()) print_error(choice.remark);
  if (options.arena == "sealed") TRY(check_sealed(wish));
  options.arena = choice.arena;
  return options;
}

int run(const Options& options) {
  if (options.arena == "lab" && !options.only_sealed.empty()) {
    return fail(Error{Errc::kInvalid, options.only_sealed + " needs --arena sealed"});
  }
  Result<Scenario> loaded = load_or_print(options.scenario, options.overrides);
  if (!loaded) return fail(loaded.error());
  const std::uint64_t seed = options.has_seed ? options.seed : loaded->seed;
  const Result<Scenario> scenario =
      resolve_schedule(std::move(*loaded), {.seed = seed, .is_control = options.is_control});
  if (!scenario) return fail(scenario.error().in(options.scenario));
  if (options.is_dry) return print_dry_run(*scenario);
  const Result<std::string> text = read_file(options.scenario);
  if (!text) return fail(text.error());
  const Result<Options> ready = with_arena(options, *scenario);
  if (!ready) return fail(ready.error());
  if (!options.is_quiet) print_line("seed " + std::to_string(scenario->seed));
  return run_repeatedly(*ready, *scenario, *text);
}

void add_sealed(CLI::App& command, Options& options) {
  const char* group = kSealedGroup;
  command.add_option("--perturb", options.sealed.perturb, "The perturbation seed; 0: none")
      ->group(group);
  command.add_option("--machine-cpu", options.sealed.cpu, "QEMU's CPU model")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--machine-shift", options.sealed.shift,
                  "An instruction takes 2^SHIFT ns of virtual time")
      ->check(CLI::Range(0, 6))
      ->capture_default_str()
      ->group(group);
  command.add_option("--machine-memory", options.sealed.memory_mib, "MiB")
      ->check(CLI::Range(1024, 3072))
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--include", options.sealed.include,
                  "A file or folder to take into the machine (repeatable)")
      ->allow_extra_args(false)
      ->group(group);
  command
      .add_flag("--no-snapshot{false}", options.sealed.is_cached, "Boot; use and keep no snapshot")
      ->group(group);
  command
      .add_flag("--embed", options.sealed.is_embedding,
                "Put the machine into the run file, for squall replay elsewhere")
      ->group(group);
}

void add_flags(CLI::App& command, Options& options) {
  command.add_flag("--control", options.is_control, "Without its faults; expects pass");
  command.add_flag("--keep", options.is_kept,
                   "Leave the lab up after the verdict, for squall shell");
  command.add_flag("--dry-run", options.is_dry, "Print what would happen; change nothing");
  command.add_flag("--quiet", options.is_quiet, "Only errors, and the history's digest");
  command.add_flag("--no-baseline", options.has_no_baseline,
                   "Without the topology's delays between regions; recorded");
}

}  // namespace

void add_run(CLI::App& program, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("run", "Run a scenario and judge it");
  command->add_option("SCENARIO", options->scenario, "The scenario file")->required();
  command
      ->add_option(
          "--arena", options->arena,
          "Where: lab, sealed, or auto: the lab, but sealed where user namespaces are forbidden")
      ->check(CLI::IsMember({"auto", "lab", "sealed"}))
      ->capture_default_str();
  CLI::Option* seed =
      command->add_option("--seed", options->seed, "Instead of the scenario's own seed");
  command->add_option("--repeat", options->repeat, "How many times; prints how many violated")
      ->check(CLI::Range(1, 10'000));
  command->add_option("--out", options->out, "The run file (default: squall-runs/…)");
  command->add_option("--set", options->overrides, "Override a value: KEY=VALUE (repeatable)")
      ->allow_extra_args(false);
  command->add_option("--junit", options->files.junit, "Write JUnit XML here");
  command->add_option("--html", options->files.html, "Write one HTML page with everything here");
  command->add_option("--markdown", options->files.markdown, "Write Markdown for a ticket here");
  add_flags(*command, *options);
  add_sealed(*command, *options);
  command->footer(
      "Examples:\n"
      "  squall run scenarios/quickstart.yaml\n"
      "  squall run scenarios/etcd-lock-unsafe.yaml --control\n"
      "  squall run scenarios/etcd-lock-unsafe.yaml --set workload.etcd-lock.hold=2s --repeat 20\n"
      "  squall run scenarios/etcd-kv-safe.yaml --arena sealed --embed --out ticket.squall\n"
      "The last line on standard output is the history's digest.");
  command->callback([options, seed, command, &chosen] {
    options->has_seed = seed->count() > 0;
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_group() == kSealedGroup && option->count() > 0) {
        options->only_sealed = option->get_name();
      }
    }
    chosen.run = [options] { return run(*options); };
  });
}

}  // namespace squall
