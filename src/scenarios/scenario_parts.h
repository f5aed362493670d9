// The parts of a scenario's file, each read by one function.  Internal to this folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "injectors/injector.h"
#include "scenarios/reader.h"
#include "scenarios/scenario.h"
#include "scenarios/selector_syntax.h"

namespace squall {

// What is known while a file is read, from top to bottom.
struct ScenarioContext {
  Scenario& scenario;
  const Vocabulary& vocabulary;
  Problems& problems;
  // The topology is whole, so that names can be checked against it.
  bool has_topology = false;
  std::vector<ClientProcess> clients{};  // once the workload is read
};

void read_workload(const YamlNode& node, ScenarioContext& context);
void read_timeline(const YamlNode& node, ScenarioContext& context);
void read_random(const YamlNode& node, ScenarioContext& context);
void read_trigger(MapReader& reader, ScenarioContext& context, TimelineEntry& entry);
void read_steady(const YamlNode& node, ScenarioContext& context);
void read_checks(const YamlNode& node, ScenarioContext& context);
void read_guard(const YamlNode& node, ScenarioContext& context);

// The sides of a fault, and the parameters that follow from how they are written.
[[nodiscard]] std::map<std::string, std::string> read_aim(MapReader& reader, const InjectorRow& row,
                                                          ScenarioContext& context,
                                                          TimelineEntry& entry);
// A node that is on both sides, as far as that is known before the run.
void check_sides(const YamlNode& at, ScenarioContext& context, const TimelineEntry& entry);

// Parses a selector and checks what can be checked before the run: its names, and that it matches
// something unless it needs the running stack.  `with_clients`: it may name workload clients.
[[nodiscard]] std::optional<Selector> read_selector(const YamlNode& node, std::string_view key,
                                                    ScenarioContext& context, bool with_clients);

// "below" or "above" a bound, as both triggers and guards have it.
struct MetricRule {
  std::string metric;
  bool is_below = true;
  double value = 0;
  Duration lasting{0};
};
[[nodiscard]] MetricRule read_metric_rule(MapReader& reader, Problems& problems);

[[nodiscard]] std::vector<std::string> workload_names(const Scenario& scenario);
[[nodiscard]] std::vector<std::string> fault_names(const Scenario& scenario);
// "unknown fault 'process.kil'; did you mean 'process.kill'?"
[[nodiscard]] std::string unknown_fault(const std::string& kind);

}  // namespace squall
