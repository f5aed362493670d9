// Walks the machine through, writes what came out.
#include "orchestrator/sealed_execution.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "arena/sealed/embedded_parts.h"
#include "arena/sealed/sealed_stages.h"
#include "base/files.h"
#include "history/run_file.h"
#include "orchestrator/stop_signals.h"
#include "scenarios/schedule.h"

namespace squall {
namespace {

using Json = nlohmann::json;

SealedPlan plan_of(const RunSetup& setup, const SealedExecution& execution,
                   const StopSignals& stops) {
  SealedPlan plan;
  plan.machine = execution.parts.machine;
  plan.identity = identity_of(execution.parts.record.hashes);
  plan.stack = execution.stack;
  plan.go = execution.go;
  plan.is_cached = execution.is_cached;
  plan.goes_on = [&stops, &execution] {
    if (execution.is_running) execution.is_running();
    return !stops.take();
  };
  if (!setup.is_quiet) {
    plan.tell = [](const std::string& text) { (void)std::fputs(text.c_str(), stderr); };
    plan.progress = [](const std::string& text) {
      (void)std::fprintf(stderr, "  %s\n", text.c_str());
    };
  }
  return plan;
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

int busy_percent(const std::string& facts) {
  const Json json = Json::parse(facts, nullptr, false);
  return json.is_object() ? json.value("busy_percent", 0) : 0;
}

Result<> write_out(const RunSetup& setup, const SealedExecution& execution,
                   const SealedOutcome& outcome) {
  const bool has_run = outcome.failure.empty();
  if (has_run) TRY(write_file(setup.out, outcome.run_file));
  RunFileWriter file =
      TRY(has_run ? RunFileWriter::open(setup.out) : RunFileWriter::create(setup.out));
  if (!has_run) write_failed_head(file, setup, outcome.failure);
  Json environment = Json::object();
  for (const auto& [key, value] : setup.facts) environment[key] = value;
  environment["kernel"] = "Linux " + execution.parts.record.kernel_release;
  file.set_meta("environment", environment.dump());
  file.set_meta("sealed", to_json(execution.parts.record, {.facts = outcome.facts,
                                                           .began_from = outcome.began_from,
                                                           .real_seconds = outcome.times}));
  file.set_meta("sealed_stack_request", execution.stack);
  file.set_meta("sealed_go_request", execution.go);
  file.set_meta("sealed_busy_percent", std::to_string(busy_percent(outcome.facts)));
  add_console(file, outcome.console);
  return file.close();
}

}  // namespace

Result<> execute_sealed(const RunSetup& setup, const SealedExecution& execution) {
  const StopSignals stops;
  SealedPlan plan = plan_of(setup, execution, stops);
  plan.cache = TRY(sealed_cache("snapshots"));
  const SealedOutcome outcome = TRY(run_machine(plan));
  TRY(write_out(setup, execution, outcome));
  if (!execution.is_embedding) return {};
  const std::vector<FileToEmbed> files = TRY(machine_to_embed(plan.machine, execution.parts.qemu));
  return embed_files(setup.out, files);
}

}  // namespace squall
