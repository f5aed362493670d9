// Who leads, who holds.
#include "orchestrator/live_stack.h"

#include <algorithm>
#include <condition_variable>
#include <optional>

#include "workload/query.h"

namespace squall {
namespace {

constexpr Duration kAskTimeout = std::chrono::milliseconds(600);
constexpr Duration kAskEvery = std::chrono::milliseconds(500);

// The role's processes, in the topology's order.
std::vector<Target> processes_of(const Topology& topology, const std::string& role) {
  std::vector<Target> processes;
  for (const NodeSpec& node : topology.nodes) {
    for (const ProcessName& name : node.run) {
      const ProcessSpec* process = find_process(topology, name);
      if (process != nullptr && process->role == role) processes.push_back({node.name, name});
    }
  }
  return processes;
}

const LeaderSpec* find_leader_spec(const Topology& topology, const std::string& role) {
  for (const LeaderSpec& spec : topology.leaders) {
    if (spec.role == role) return &spec;
  }
  return nullptr;
}

}  // namespace

LiveStack::LiveStack(Arena& arena, const Scenario& scenario, std::vector<ClientPlacement> places)
    : arena_(arena), scenario_(scenario), places_(std::move(places)) {}

Result<std::vector<Target>> LiveStack::leader(const std::string& role) {
  const LeaderSpec* spec = find_leader_spec(scenario_.topology, role);
  if (spec == nullptr) {
    return Error{Errc::kInvalid, "the topology does not say how to ask who leads '" + role + "'"};
  }
  const std::vector<Target> candidates = processes_of(scenario_.topology, role);
  std::vector<std::optional<Result<bool>>> answers(candidates.size());
  {
    std::vector<std::jthread> asks;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      asks.emplace_back([&, i] {
        const NodeName& node = candidates[i].node;
        answers[i].emplace(ask_leader(*spec, arena_.addresses().at(node.get()).ipv4,
                                      arena_.node_netns(node), kAskTimeout));
      });
    }
  }
  std::vector<Target> leaders;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (answers[i]->ok() && answers[i]->value()) leaders.push_back(candidates[i]);
  }
  if (leaders.empty()) return Error{Errc::kNotFound, "leader(" + role + "): nobody says he leads"};
  return leaders;
}

Result<std::vector<Target>> LiveStack::holder(const std::string& client) {
  const std::lock_guard lock(mutex_);
  const auto found = holders_.find(client);
  if (found == holders_.end() || found->second.empty()) {
    return Error{Errc::kNotFound, "holder(" + client + "): nobody holds the lock"};
  }
  const std::int64_t id = found->second.front().process;
  for (const ClientPlacement& place : places_) {
    if (std::find(place.ids.begin(), place.ids.end(), id) == place.ids.end()) continue;
    return std::vector<Target>{place.target};
  }
  return Error{Errc::kNotFound,
               "holder(" + client + "): process " + std::to_string(id) + " is unknown"};
}

void LiveStack::set_holders(const std::string& client, std::vector<LockHolder> holders) {
  const std::lock_guard lock(mutex_);
  holders_[client] = std::move(holders);
}

SelectorWorld LiveStack::world(const std::vector<ClientProcess>& clients) {
  return {scenario_.topology, clients, [this](const std::string& role) { return leader(role); },
          [this](const std::string& client) { return holder(client); }};
}

LeaderWatch::LeaderWatch(LiveStack& stack, const Scenario& scenario, RunEventQueue& events)
    : thread_([&stack, &scenario, &events](const std::stop_token& stop) {
        std::map<std::string, NodeName> last;
        std::mutex mutex;
        std::condition_variable_any never;
        while (!stop.stop_requested()) {
          for (const LeaderSpec& spec : scenario.topology.leaders) {
            const Result<std::vector<Target>> leaders = stack.leader(spec.role);
            // No answer is an election under way; the change is when somebody leads again.
            if (!leaders || last[spec.role] == leaders->front().node) continue;
            // Two at once: the old one does not know yet that it was replaced.
            const NodeName& node = leaders->back().node == last[spec.role] ? leaders->front().node
                                                                           : leaders->back().node;
            last[spec.role] = node;
            const NodeSpec* found = find_node(scenario.topology, node);
            const auto number = found - scenario.topology.nodes.data();
            events.post(LeaderSeen{spec.role, node.get(), static_cast<std::size_t>(number)});
          }
          std::unique_lock lock(mutex);
          (void)never.wait_for(lock, stop, kAskEvery, [] { return false; });
        }
      }) {}

}  // namespace squall
