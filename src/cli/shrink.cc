// `squall shrink`: the smallest scenario that still violates the same check.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/program_path.h"
#include "cli/commands.h"
#include "cli/host_facts.h"
#include "cli/print.h"
#include "cli/status_line.h"
#include "history/run_file.h"
#include "scenarios/schedule.h"
#include "search/programs.h"
#include "search/shrink.h"
#include "workload/client.h"

namespace squall {
namespace {

struct Options {
  std::string file;
  std::string check;
  std::string arena;
  std::string out;
  int tries = 3;
  int enough = 1;
  int measure = 10;
  int budget = 200;
  int jobs = 1;
  bool is_fresh = false;
  bool is_quiet = false;
};

std::string meta_or(const Recording& recording, const std::string& key,
                    const std::string& fallback) {
  const auto found = recording.meta.find(key);
  return found == recording.meta.end() || found->second.empty() ? fallback : found->second;
}

// The check that was asked for, or the first that the run violated.
Result<std::string> choose_check(const Options& options, const Recording& recording) {
  std::string violated;
  for (const VerdictRow& row : recording.verdicts) {
    if (row.answer != "violated") continue;
    const bool is_asked = row.check == options.check || row.check.starts_with(options.check + "{");
    if (options.check.empty() || is_asked) return row.check;
    violated += (violated.empty() ? "" : ", ") + row.check;
  }
  if (violated.empty()) {
    return Error{Errc::kInvalid, options.file + ": this run violated nothing" +
                                     (options.check.empty() ? "" : ", so not " + options.check)};
  }
  return Error{Errc::kInvalid,
               "--check '" + options.check + "': this run violated other checks: " + violated};
}

Result<ShrinkScope> scope_of(const Options& options, const Recording& recording,
                             const Scenario& scenario) {
  const std::string wanted = TRY(choose_check(options, recording));
  ShrinkScope scope;
  for (const CheckRequest& check : scenario.checks) {
    if (check.to_text() == wanted) scope.check = check;
  }
  if (scope.check.name.empty()) {
    return Error{Errc::kInvalid, options.file + ": its scenario has no check '" + wanted +
                                     "'; the file was checked again with others"};
  }
  const Duration begin(
      std::strtoll(meta_or(recording, "timeline_start_ns", "0").c_str(), nullptr, 10));
  for (const FaultInterval& fault : recording.faults) {
    const Duration start = Duration(fault.requested_start) - begin;
    scope.starts[FaultId(fault.id)] = std::max(start, Duration{0});
  }
  return scope;
}

// What a sealed run says of its machine; an empty object for another run.
nlohmann::json machine_of(const Recording& recording) {
  auto facts = nlohmann::json::parse(meta_or(recording, "sealed", "{}"), nullptr, false);
  return facts.is_object() ? facts : nlohmann::json::object();
}

// The perturbation seed that a sealed run had; 0: none.
std::uint64_t perturb_of(const nlohmann::json& machine) {
  const auto perturb = machine.find("perturb");
  const bool is_there = perturb != machine.end() && perturb->is_number_unsigned();
  return is_there ? perturb->get<std::uint64_t>() : 0;
}

// In another machine other instructions would take other times.
std::vector<std::string> machine_flags(const nlohmann::json& machine) {
  std::vector<std::string> flags;
  const auto add = [&](const char* flag, const char* key) {
    const auto value = machine.find(key);
    if (value == machine.end()) return;
    flags.emplace_back(flag);
    flags.push_back(value->is_string() ? value->get<std::string>() : value->dump());
  };
  add("--machine-cpu", "cpu");
  add("--machine-shift", "shift");
  add("--machine-memory", "memory_mib");
  return flags;
}

Result<ShrinkSetup> setup_of(const Options& options) {
  const Recording recording = TRY(read_run_file(options.file));
  ShrinkSetup setup;
  setup.original = TRY(scenario_of(recording, options.file));
  setup.scope = TRY(scope_of(options, recording, setup.original));
  setup.program = self_program();
  setup.source = std::filesystem::path(options.file).filename().string();
  setup.vocabulary = {clients()};
  const std::string arena =
      options.arena.empty() ? meta_or(recording, "arena", "lab") : options.arena;
  // A violation is what is looked for, expected or not: with `pass` the exit code says it.
  setup.flags = {"--arena", arena, "--set", "expect=pass"};
  if (arena == "sealed") {
    const nlohmann::json machine = machine_of(recording);
    setup.perturb = perturb_of(machine);
    for (const std::string& flag : machine_flags(machine)) setup.flags.push_back(flag);
  }
  const bool has_no_baseline =
      meta_or(recording, "environment", "").find(" --no-baseline") != std::string::npos;
  if (has_no_baseline) setup.flags.emplace_back("--no-baseline");
  setup.out = options.out.empty()
                  ? "squall-shrinks/" + std::filesystem::path(options.file).stem().string()
                  : options.out;
  setup.tries = options.tries;
  setup.enough = std::min(options.enough, options.tries);
  setup.measure = options.measure;
  setup.budget = options.budget;
  setup.jobs = options.jobs;
  setup.is_fresh = options.is_fresh;
  std::string identity = to_yaml(setup.original) + setup.scope.check.to_text();
  for (const std::string& flag : setup.flags) identity += "\n" + flag;
  for (const auto& [name, digest] : TRY(program_digests(setup.original, stacks_path()))) {
    identity += "\n" + name + " " + digest;
  }
  setup.identity =
      digest_of_text(identity + std::to_string(setup.tries) + "/" + std::to_string(setup.enough));
  return setup;
}

int exit_code_of(const ShrinkEnd& end) {
  if (end.fatal_code) return *end.fatal_code;
  if (end.is_interrupted) return to_int(ExitCode::kAborted);
  const bool is_shown = end.is_confirmed && (end.measured == 0 || end.violated > 0);
  return to_int(is_shown ? ExitCode::kAsExpected : ExitCode::kInconclusive);
}

int shrink(const Options& options) {
  if (options.measure >= options.budget) {
    return fail(Error{Errc::kInvalid, "--budget " + std::to_string(options.budget) +
                                          ": must be more than the " +
                                          std::to_string(options.measure) + " of --measure"});
  }
  Result<ShrinkSetup> setup = setup_of(options);
  if (!setup) return fail(setup.error());
  StatusLine status(options.is_quiet);
  setup->show = [&status](const std::string& line) { status.show(line); };
  setup->say = [&status](const std::string& line) { status.say(line); };
  const Result<ShrinkEnd> end = run_shrink(*setup, system_clock());
  status.clear();
  if (!end) return fail(end.error());
  print_text(shrink_summary(*setup, *end));
  return exit_code_of(*end);
}

void add_numbers(CLI::App& command, Options& options) {
  command.add_option("--tries", options.tries, "Runs of each candidate at most")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_option("--enough", options.enough, "So many of them must violate the check")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_option("--measure", options.measure, "Fresh runs of the result, for its rate")
      ->check(CLI::Range(0, 10'000))
      ->capture_default_str();
  command.add_option("--budget", options.budget, "Runs in all, those of --measure included")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command.add_option("--jobs", options.jobs, "Runs side by side, of one candidate")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
}

}  // namespace

void add_shrink(CLI::App& program, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "shrink", "Find the smallest scenario that still violates what a run violated");
  command->add_option("FILE", options->file, "A run file that violated something")->required();
  command->add_option("--check", options->check, "The violated check to keep (default: the first)");
  command->add_option("--arena", options->arena, "Where: lab or sealed (default: as recorded)");
  add_numbers(*command, *options);
  command->add_option("--out", options->out, "The folder (default: squall-shrinks/FILE)");
  command->add_flag("--fresh", options->is_fresh, "Start over; forget what the folder knows");
  command->add_flag("--quiet", options->is_quiet, "Only errors and the result");
  command->footer(
      "Examples:\n"
      "  squall shrink squall-hunts/etcd-random-safe/seed-17.squall\n"
      "  squall shrink RUN.squall --check linearizable --tries 5 --budget 500\n"
      "The same command again goes on where it stopped.  Exits 0 with a scenario that reproduces,\n"
      "4 if the violation did not show again, 5 interrupted (the best so far is kept).");
  command->callback([options, &chosen] { chosen.run = [options] { return shrink(*options); }; });
}

}  // namespace squall
