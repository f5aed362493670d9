// Brings the stack up through the agents.
#include "orchestrator/stack_starter.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "base/files.h"
#include "scenarios/placeholders.h"

namespace squall {
namespace {

constexpr Duration kAgentPatience = std::chrono::seconds(10);
constexpr std::size_t kQuotedLines = 5;

struct Instance {
  const NodeSpec* node;
  const ProcessSpec* process;
};

std::vector<Instance> instances_of(const Topology& topology) {
  std::vector<Instance> instances;
  for (const NodeSpec& node : topology.nodes) {
    for (const ProcessName& name : node.run) {
      instances.push_back({&node, find_process(topology, name)});
    }
  }
  return instances;
}

std::string last_lines(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text || text->empty()) return "it printed nothing";
  std::size_t begin = text->size() - 1;
  for (std::size_t lines = 0; begin > 0; --begin) {
    if ((*text)[begin - 1] == '\n' && ++lines == kQuotedLines) break;
  }
  return "its last lines:\n" + text->substr(begin);
}

Result<ProcessStart> describe_start(const Arena& arena, const Topology& topology,
                                    const Instance& instance) {
  const ProcessSpec& spec = *instance.process;
  ExpandContext context{topology, instance.node->name, arena.node_dir(instance.node->name), {}};
  for (const auto& [name, address] : arena.addresses()) {
    context.addresses[name] = {address.ipv4, address.ipv6};
  }
  ProcessStart start;
  start.name = spec.name.get();
  for (const std::string& word : spec.command) start.command.push_back(TRY(expand(word, context)));
  for (const auto& [key, text] : spec.env) start.env[key] = TRY(expand(text, context));
  for (const auto& [path, text] : spec.files) {
    start.files[TRY(expand(path, context))] = TRY(expand(text, context));
  }
  start.directory = context.dir;
  start.log_path = log_path(arena, instance.node->name, start.name);
  start.is_restarted_on_failure = spec.restart == Restart::kOnFailure;
  start.ready_http = TRY(expand(spec.ready.http, context));
  start.ready_tcp = TRY(expand(spec.ready.tcp, context));
  start.ready_log = spec.ready.log;
  start.root = spec.root;
  return start;
}

Result<> bring_up(Arena& arena, const Topology& topology, const Instance& instance) {
  const std::string name = instance.node->name.get() + "/" + instance.process->name.get();
  AgentClient& agent = arena.agent(instance.node->name);
  const Result<ProcessStart> start = describe_start(arena, topology, instance);
  if (!start) return start.error().in("start " + name);
  const Result<int> started = agent.start(*start);
  if (!started) return started.error().in("start " + name);
  const Result<MonoTime> ready = agent.wait_ready(start->name, instance.process->ready.within);
  if (ready) return {};
  return Error{ready.error().code, name + " did not become ready: " + ready.error().what + "; " +
                                       last_lines(start->log_path)};
}

bool is_startable(const ProcessSpec& process, const std::set<ProcessName>& done) {
  return std::all_of(process.after.begin(), process.after.end(),
                     [&](const ProcessName& before) { return done.contains(before); });
}

// All at once; the first error.
Result<> bring_up_all(Arena& arena, const Topology& topology,
                      const std::vector<Instance>& instances) {
  std::vector<std::optional<Result<>>> results(instances.size());
  {
    std::vector<std::jthread> starts;
    for (std::size_t i = 0; i < instances.size(); ++i) {
      starts.emplace_back([&, i] { results[i].emplace(bring_up(arena, topology, instances[i])); });
    }
  }
  for (const std::optional<Result<>>& result : results) TRY(*result);
  return {};
}

}  // namespace

std::string log_path(const Arena& arena, const NodeName& node, const std::string& process) {
  return arena.run_dir() + "/" + node.get() + "." + process + ".log";
}

void follow_stack(const Arena& arena, const Topology& topology, LogTail& tail) {
  for (const NodeSpec& node : topology.nodes) {
    for (const ProcessName& name : node.run) {
      tail.add({log_path(arena, node.name, name.get()), node.name.get(), name.get(), name.get()});
    }
  }
}

Result<> start_stack(Arena& arena, const Topology& topology) {
  std::vector<Instance> waiting = instances_of(topology);
  std::set<ProcessName> done;
  while (!waiting.empty()) {
    std::vector<Instance> wave;
    std::set<ProcessName> names;
    std::erase_if(waiting, [&](const Instance& instance) {
      if (!is_startable(*instance.process, done)) return false;
      wave.push_back(instance);
      names.insert(instance.process->name);
      return true;
    });
    if (wave.empty()) {
      return Error{Errc::kInvalid, "process '" + waiting.front().process->name.get() +
                                       "' waits for processes that never start"};
    }
    TRY(bring_up_all(arena, topology, wave));
    done.merge(names);
  }
  return {};
}

Result<std::map<std::string, AgentCapabilities>> check_agents(Arena& arena,
                                                              const Scenario& scenario) {
  std::map<std::string, AgentCapabilities> all;
  for (const NodeSpec& node : scenario.topology.nodes) {
    AgentClient& agent = arena.agent(node.name);
    TRY(agent.wait_until_up(kAgentPatience));
    AgentCapabilities can = TRY(agent.capabilities());
    for (const TimelineEntry& entry : scenario.timeline) {
      const auto missing = can.missing.find(entry.kind);
      if (missing == can.missing.end()) continue;
      return Error{Errc::kUnsupported, "fault '" + entry.id.get() + "' (" + entry.kind +
                                           ") cannot be done on " + node.name.get() + ": " +
                                           missing->second};
    }
    all[node.name.get()] = std::move(can);
  }
  return all;
}

}  // namespace squall
