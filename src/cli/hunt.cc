// `squall hunt`: one scenario with many seeds, until something is violated.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <thread>

#include "arena/sealed/sealed_host.h"
#include "base/program_path.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/host_facts.h"
#include "cli/print.h"
#include "cli/status_line.h"
#include "orchestrator/arena_choice.h"
#include "scenarios/schedule.h"
#include "search/hunt.h"
#include "search/hunt_text.h"
#include "search/programs.h"

namespace squall {
namespace {

struct Options {
  std::string scenario;
  std::string seeds = "1..100";
  std::string perturb;
  std::string shard = "0/1";
  std::string until = "violation";
  std::string arena = "auto";  // once chosen: lab or sealed
  std::string out;
  std::vector<std::string> overrides;
  int jobs = 0;  // 0: by the machine
  int retries = -1;
  bool is_fresh = false;
  bool is_quiet = false;
  bool has_no_baseline = false;
};

bool is_deterministic(const Options& options) {
  return options.arena == "sealed";
}

// A lab runs in real time and suffers from neighbours; a sealed machine takes one processor and its
// memory.
int default_jobs(const Options& options) {
  const int processors = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (!is_deterministic(options)) return std::max(1, processors / 2);
  const std::uint64_t memory = available_memory_mib();
  const auto machines = static_cast<int>(std::min<std::uint64_t>(
      memory / kMachineResidentMib, static_cast<std::uint64_t>(processors)));
  return memory == 0 ? processors : std::max(1, machines);
}

Result<ArenaChoice> choose_arena(const Options& options, const Scenario& scenario) {
  const SealedWish wish{
      .scenario = scenario, .self = self_program(), .stacks = stacks_path(), .include = {}};
  if (options.arena == "sealed") TRY(check_sealed(wish));
  return choose_arena_of_hunt(options.arena, arena_probes(wish));
}

Result<HuntPlan> plan_of(const Options& options) {
  HuntPlan plan;
  plan.seeds = TRY(parse_seeds(options.seeds).in("--seeds"));
  plan.shard = TRY(parse_shard(options.shard).in("--shard"));
  const std::string perturb =
      options.perturb.empty() ? (is_deterministic(options) ? "same" : "none") : options.perturb;
  if (perturb == "none") return plan;
  if (!is_deterministic(options)) {
    return Error{Errc::kInvalid,
                 "--perturb: only the sealed arena has a perturber; the lab's interleavings differ "
                 "by themselves"};
  }
  plan.pairing = perturb == "same" ? Pairing::kSame : Pairing::kEach;
  if (plan.pairing == Pairing::kEach) plan.perturbs = TRY(parse_seeds(perturb).in("--perturb"));
  return plan;
}

std::string pairing_text(const Options& options, const HuntPlan& plan) {
  if (plan.pairing == Pairing::kNone) return "none";
  return plan.pairing == Pairing::kSame ? "same" : options.perturb;
}

// Where results are looked for again when the same command is given again.
std::string folder_of(const Options& options, const Scenario& scenario) {
  if (!options.out.empty()) return options.out;
  std::string folder = "squall-hunts/" + scenario.name;
  if (options.shard != "0/1") {
    std::string shard = options.shard;
    std::replace(shard.begin(), shard.end(), '/', '-');
    folder += "-shard-" + shard;
  }
  return folder;
}

Result<HuntSetup> setup_of(const Options& options, const Scenario& scenario) {
  const HuntPlan plan = TRY(plan_of(options));
  HuntSetup setup;
  setup.program = self_program();
  setup.scenario = options.scenario;
  setup.name = scenario.name;
  setup.cases = TRY(cases_of(plan));
  setup.shard = options.shard;
  setup.out = folder_of(options, scenario);
  setup.is_fresh = options.is_fresh;
  setup.rules.jobs = options.jobs > 0 ? options.jobs : default_jobs(options);
  setup.rules.retries =
      options.retries >= 0 ? options.retries : (is_deterministic(options) ? 0 : 1);
  setup.rules.until_all = options.until == "all";
  setup.flags = {"--arena", options.arena};
  setup.is_sealed = is_deterministic(options);
  for (const std::string& row : options.overrides) {
    setup.flags.insert(setup.flags.end(), {"--set", row});
  }
  // What a run may end with is the hunt's business: a violation is a find, expected or not.
  setup.flags.insert(setup.flags.end(), {"--set", "expect=pass"});
  if (options.has_no_baseline) setup.flags.emplace_back("--no-baseline");
  setup.identity.scenario = digest_of_text(to_yaml(scenario));
  setup.identity.programs = TRY(program_digests(scenario, stacks_path()));
  setup.identity.arena = options.arena + (options.has_no_baseline ? " without baseline" : "");
  setup.identity.pairing = pairing_text(options, plan);
  return setup;
}

int exit_code_of(const HuntEnd& end) {
  if (end.fatal_code) return *end.fatal_code;
  const int code = exit_code_of(HuntMachine({}, {}, end.file.results).counts());
  if (code == to_int(ExitCode::kViolation)) return code;
  return end.is_interrupted ? to_int(ExitCode::kAborted) : code;
}

int hunt(Options options) {
  std::vector<std::string> overrides = options.overrides;
  overrides.emplace_back("expect=pass");
  Result<Scenario> scenario = load_or_print(options.scenario, overrides);
  if (!scenario) return fail(scenario.error());
  scenario->seed = 0;  // the cases' business, so no part of what the hunt is
  const Result<ArenaChoice> choice = choose_arena(options, *scenario);
  if (!choice) return fail(choice.error());
  if (!choice->remark.empty() && !options.is_quiet) print_line(choice->remark);
  options.arena = choice->arena;
  Result<HuntSetup> setup = setup_of(options, *scenario);
  if (!setup) return fail(setup.error());
  if (setup->cases.empty()) {
    print_line("shard " + options.shard + " has no seeds to run");
    return 0;
  }
  StatusLine status(options.is_quiet);
  setup->show = [&status](const std::string& line) { status.show(line); };
  setup->say = [&status](const std::string& line) { status.say(line); };
  const Result<HuntEnd> end = run_hunt(*setup, system_clock());
  status.clear();
  if (!end) return fail(end.error());
  if (end->fatal_code) print_error(end->fatal_reason + "; see " + setup->out + "/running/");
  print_text(hunt_summary(*end, setup->out));
  print_line("results " + setup->out + "/hunt.json");
  return exit_code_of(*end);
}

void add_flags(CLI::App& command, Options& options) {
  command
      .add_option("--retries", options.retries,
                  "Try an invalid run so many times more (default: 1 in the lab, 0 sealed)")
      ->check(CLI::Range(0, 10));
  command.add_option("--out", options.out, "The folder (default: squall-hunts/NAME)");
  command.add_option("--set", options.overrides, "Override a value: KEY=VALUE (repeatable)")
      ->allow_extra_args(false);
  command.add_flag("--fresh", options.is_fresh, "Start over; forget what the folder knows");
  command.add_flag("--quiet", options.is_quiet, "Only errors and the summary");
  command.add_flag("--no-baseline", options.has_no_baseline,
                   "Without the topology's delays between regions; recorded");
}

}  // namespace

void add_hunt(CLI::App& program, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("hunt", "Run a scenario with many seeds and keep what violates");
  command->add_option("SCENARIO", options->scenario, "The scenario file")->required();
  command->add_option("--seeds", options->seeds, "Seeds: 1..500, or 1..10,42")
      ->capture_default_str();
  command
      ->add_option("--jobs", options->jobs,
                   "Runs side by side (default: half the processors in the lab; sealed, all that "
                   "memory allows)")
      ->check(CLI::Range(1, 1024));
  command->add_option("--shard", options->shard, "Only part INDEX of COUNT, from 0: 0/8 … 7/8")
      ->capture_default_str();
  command->add_option("--until", options->until, "When to stop: violation, or all seeds")
      ->check(CLI::IsMember({"violation", "all"}))
      ->capture_default_str();
  command
      ->add_option("--arena", options->arena,
                   "Where: lab, sealed, or auto: sealed, but the lab where no machine can run")
      ->check(CLI::IsMember({"auto", "lab", "sealed"}))
      ->capture_default_str();
  command->add_option("--perturb", options->perturb,
                      "Perturbation seeds: same (as the seed; the default sealed), none, or 1..3");
  add_flags(*command, *options);
  command->footer(
      "Examples:\n"
      "  squall hunt scenarios/etcd-random-safe.yaml --seeds 1..500\n"
      "  squall hunt FILE --seeds 1..10000 --shard $JOB_COMPLETION_INDEX/8 --until all --out DIR\n"
      "The same command again goes on where it stopped.  Exits 1 if a violation was found, 0 if\n"
      "none, 4 if none but more than one run in ten gave no answer, 5 interrupted, 2, 6 as run.");
  command->callback([options, &chosen] { chosen.run = [options] { return hunt(*options); }; });
}

}  // namespace squall
