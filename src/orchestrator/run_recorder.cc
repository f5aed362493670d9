// Writes the run file while the run goes on.
#include "orchestrator/run_recorder.h"

#include <nlohmann/json.hpp>

#include "scenarios/schedule.h"

namespace squall {

void RunRecorder::write_head(const RunSetup& setup, const Arena& arena, const Clock& clock) {
  const Scenario& scenario = setup.scenario;
  nlohmann::json environment = nlohmann::json::object();
  for (const auto& [key, value] : setup.facts) environment[key] = value;
  for (const auto& [key, value] : arena.facts()) environment[key] = value;
  file_.set_meta("squall", "1");
  file_.set_meta("scenario", scenario.name);
  file_.set_meta("why", scenario.why);
  file_.set_meta("source", setup.text);
  file_.set_meta("resolved", to_yaml(scenario));
  file_.set_meta("topology", scenario.topology.name);
  file_.set_meta("seed", std::to_string(scenario.seed));
  file_.set_meta("arena", setup.arena);
  file_.set_meta("control", scenario.is_control ? "true" : "false");
  file_.set_meta("started", to_text(clock.wall()));
  file_.set_meta("environment", environment.dump());
}

void RunRecorder::add_agents(const std::map<std::string, AgentCapabilities>& agents) {
  for (const auto& [node, can] : agents) {
    const nlohmann::json facts = {
        {"kinds", can.kinds}, {"missing", can.missing}, {"facts", can.facts}};
    file_.add_agent({node, can.version, facts.dump()});
  }
}

void RunRecorder::add_fault(const FaultInterval& fault) {
  faults_[fault.id] = fault;
  file_.add_fault(fault);
}

std::string RunRecorder::end_fault(const std::string& id, std::int64_t at,
                                   const std::string& ending) {
  const auto found = faults_.find(id);
  if (found == faults_.end()) return ending;
  FaultInterval& fault = found->second;
  if (fault.ending.empty()) {
    fault.end = at;
    fault.ending = ending;
    file_.add_fault(fault);
  }
  return fault.ending;
}

bool RunRecorder::add_leader(std::int64_t at, const LeaderSeen& seen) {
  const std::string name = "leader(" + seen.role + ")";
  const bool is_first = leaders_.insert({name, seen.node}).second;
  // The first leader stands at the start of the run: it is no change (see consequence.cc).
  file_.add_metric({is_first ? 0 : at, seen.node, name, static_cast<double>(seen.number)});
  add_log(at, seen.node, "orchestrator", name + " is " + seen.node);
  return !is_first;
}

void RunRecorder::add_log(std::int64_t at, const std::string& node, const std::string& process,
                          const std::string& text) {
  file_.add_log(LogLine{at, node, process, text});
}

Result<> RunRecorder::commit(const History& history) {
  file_.add_operations(history, written_);
  written_ = static_cast<OpIndex>(history.size());
  return file_.flush();
}

}  // namespace squall
