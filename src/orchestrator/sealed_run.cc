// Builds or finds the image, walks the machine through, writes what came out.
#include "orchestrator/sealed_run.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "arena/sealed/cache.h"
#include "arena/sealed/file_hashes.h"
#include "arena/sealed/image.h"
#include "arena/sealed/qemu.h"
#include "arena/sealed/sealed_host.h"
#include "arena/sealed/sealed_stages.h"
#include "base/files.h"
#include "history/run_file.h"
#include "orchestrator/sealed_refusals.h"
#include "orchestrator/stop_signals.h"
#include "scenarios/schedule.h"

namespace squall {
namespace {

using Json = nlohmann::json;

struct Parts {
  KernelPackage kernel;
  Qemu qemu;
  Image image;
  std::string cache;
  Json hashes;
};

Result<std::string> folder_in(const std::string& cache, const std::string& name) {
  std::string folder = cache + "/" + name;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error{Errc::kIo, folder + ": " + error.message()};
  return folder;
}

Result<Parts> gather(const RunSetup& setup, const SealedOptions& options) {
  Parts parts;
  parts.kernel = TRY(find_kernel(kernel_folders()));
  parts.qemu = TRY(find_qemu());
  parts.cache = TRY(cache_folder());
  ImageRequest request;
  request.kernel = parts.kernel;
  request.self = self_program();
  request.programs = programs_of(setup.scenario);
  request.stacks = setup.stacks;
  request.include = options.include;
  request.cache = TRY(folder_in(parts.cache, "images"));
  if (!setup.is_quiet)
    request.progress = [](const std::string& text) {
      (void)std::fprintf(stderr, "  %s\n", text.c_str());
    };
  parts.image = TRY(make_image(request));
  std::error_code error;
  const auto size = std::filesystem::file_size(parts.image.path, error);
  TRY(check_image_size(error ? 0 : size, options.memory_mib));
  FileHashes hashes(request.cache + "/hashes");
  parts.hashes["kernel"] = TRY(hashes.of(parts.kernel.kernel));
  parts.hashes["image"] = parts.image.hash;
  for (const std::string& file : parts.qemu.files)
    parts.hashes["qemu"][file] = TRY(hashes.of(file));
  parts.hashes["files"] = parts.image.files;
  hashes.save();
  return parts;
}

SealedPlan make_plan(const RunSetup& setup, const SealedOptions& options, const Parts& parts,
                     const StopSignals& stops) {
  SealedPlan plan;
  plan.machine.qemu = parts.qemu.command;
  plan.machine.firmware = parts.qemu.firmware;
  plan.machine.turns = parts.qemu.turns;
  plan.machine.kernel = parts.kernel.kernel;
  plan.machine.image = parts.image.path;
  plan.machine.command = {kImageSelf, "sealed-guest"};
  plan.machine.cpu = options.cpu;
  plan.machine.shift = options.shift;
  plan.machine.memory_mib = options.memory_mib;
  plan.identity = parts.hashes.dump();
  plan.stack.topology = to_yaml(setup.scenario.topology);
  plan.stack.folder = std::filesystem::current_path().string();
  plan.stack.has_baseline = setup.has_baseline;
  plan.go.scenario = to_yaml(setup.scenario);
  plan.go.source = setup.text;
  plan.go.perturb = options.perturb;
  plan.is_cached = options.is_cached;
  plan.goes_on = [&stops] { return !stops.take(); };
  if (!setup.is_quiet) {
    plan.tell = [](const std::string& text) { (void)std::fputs(text.c_str(), stderr); };
    plan.progress = [](const std::string& text) {
      (void)std::fprintf(stderr, "  %s\n", text.c_str());
    };
  }
  return plan;
}

// What identical machines share, and what this one took.
Json sealed_facts(const SealedOptions& options, const SealedPlan& plan, const Parts& parts,
                  const SealedOutcome& outcome) {
  Json facts = Json::parse(outcome.facts, nullptr, false);
  if (!facts.is_object()) facts = Json::object();
  facts["perturb"] = options.perturb;
  facts["cpu"] = options.cpu;
  facts["shift"] = options.shift;
  facts["memory_mib"] = options.memory_mib;
  facts["machine"] = machine_facts(plan.machine);
  facts["baseline"] = plan.stack.has_baseline;
  facts["kernel_release"] = parts.kernel.release;
  facts["qemu_version"] = parts.qemu.version;
  facts["hashes"] = parts.hashes;
  facts["began_from"] = outcome.began_from;
  facts["real_seconds"] = outcome.times;
  return facts;
}

void add_console(RunFileWriter& file, const std::string& console) {
  std::istringstream lines(console);
  for (std::string line; std::getline(lines, line);) {
    file.add_log(LogLine{.at = 0, .node = "", .process = "console", .text = line});
  }
}

// Where the machine has left none: enough to see why, and to try again.
void write_failed_head(RunFileWriter& file, const RunSetup& setup, const std::string& failure) {
  file.set_meta("squall", "1");
  file.set_meta("scenario", setup.scenario.name);
  file.set_meta("why", setup.scenario.why);
  file.set_meta("source", setup.text);
  file.set_meta("resolved", to_yaml(setup.scenario));
  file.set_meta("topology", setup.scenario.topology.name);
  file.set_meta("seed", std::to_string(setup.scenario.seed));
  file.set_meta("arena", "sealed");
  file.set_meta("control", setup.scenario.is_control ? "true" : "false");
  file.set_meta("started", to_text(system_clock().wall()));
  file.set_meta("duration_ns", "0");
  file.set_meta("ending", "invalid: " + failure);
}

Result<> write_out(const RunSetup& setup, const SealedOutcome& outcome, const Json& facts) {
  const bool has_run = outcome.failure.empty();
  if (has_run) TRY(write_file(setup.out, outcome.run_file));
  RunFileWriter file =
      TRY(has_run ? RunFileWriter::open(setup.out) : RunFileWriter::create(setup.out));
  if (!has_run) write_failed_head(file, setup, outcome.failure);
  Json environment = Json::object();
  for (const auto& [key, value] : setup.facts) environment[key] = value;
  environment["kernel"] = "Linux " + facts.value("kernel_release", "");
  file.set_meta("environment", environment.dump());
  file.set_meta("sealed", facts.dump());
  file.set_meta("sealed_busy_percent", std::to_string(facts.value("busy_percent", 0)));
  add_console(file, outcome.console);
  return file.close();
}

}  // namespace

Result<> run_sealed(const RunSetup& setup, const SealedOptions& options) {
  const Parts parts = TRY(gather(setup, options).in("sealed"));
  const StopSignals stops;
  SealedPlan plan = make_plan(setup, options, parts, stops);
  plan.cache = TRY(folder_in(parts.cache, "snapshots").in("sealed"));
  const SealedOutcome outcome = TRY(run_machine(plan).in("sealed"));
  TRY(write_out(setup, outcome, sealed_facts(options, plan, parts, outcome)));
  setup.on_recorded();
  return {};
}

}  // namespace squall
