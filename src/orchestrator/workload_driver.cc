// The workload's client processes.
#include "orchestrator/workload_driver.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/files.h"
#include "orchestrator/pause.h"
#include "orchestrator/stack_starter.h"

namespace squall {
namespace {

constexpr Duration kReadyPause = std::chrono::milliseconds(20);

// "e1/kv": unique in the run, and good for a file's name with the slash replaced.
std::string name_of(const ClientPlacement& place) {
  return to_text(place.target);
}

std::string file_stem(const Arena& arena, const ClientPlacement& place) {
  return arena.run_dir() + "/" + place.target.node.get() + "." + place.target.process.get();
}

std::vector<NodeName> serving_nodes(const Topology& topology) {
  std::vector<NodeName> nodes;
  for (const NodeSpec& node : topology.nodes) {
    if (!node.run.empty()) nodes.push_back(node.name);
  }
  return nodes;
}

}  // namespace

WorkloadDriver::WorkloadDriver(Arena& arena, const Scenario& scenario, const SelectorWorld& world,
                               std::vector<ClientPlacement> places)
    : arena_(arena),
      scenario_(scenario),
      world_(world),
      places_(std::move(places)),
      is_running_(places_.size(), false) {}

Result<std::vector<NodeName>> WorkloadDriver::endpoints_of(const WorkloadEntry& entry,
                                                           const NodeName& local) {
  std::vector<NodeName> nodes = serving_nodes(scenario_.topology);
  const auto put_first = [&nodes](const NodeName& first) {
    const auto found = std::find(nodes.begin(), nodes.end(), first);
    if (found != nodes.end()) std::rotate(nodes.begin(), found, found + 1);
  };
  Rng rng = Rng(scenario_.seed).split("endpoint " + entry.name);
  switch (entry.endpoint) {
    case Endpoint::kAny:
      return nodes;
    case Endpoint::kLocal:
      return std::vector<NodeName>{local};
    case Endpoint::kLeader:
      for (const LeaderSpec& leader : scenario_.topology.leaders) {
        for (const Target& target : TRY(world_.leader(leader.role))) put_first(target.node);
      }
      return nodes;
    case Endpoint::kSelected: {
      std::vector<NodeName> chosen;
      for (const Target& target : TRY(resolve(*entry.endpoint_nodes, world_, rng))) {
        chosen.push_back(target.node);
      }
      return chosen;
    }
  }
  return nodes;
}

Result<ClientConfig> WorkloadDriver::configure(const ClientPlacement& place) {
  const WorkloadEntry& entry = entry_of(place);
  const auto address_of = [&](const NodeName& node) {
    const NodeAddresses& address = arena_.addresses().at(node.get());
    const NodeSpec* spec = find_node(scenario_.topology, node);
    return EndpointAddress{node.get(), address.ipv4, address.ipv6, spec->region};
  };
  ClientConfig config;
  config.name = entry.name;
  config.kind = entry.client;
  config.node = place.target.node.get();
  config.processes = place.ids;
  config.process_count = entry.processes;
  config.seed = scenario_.seed;
  config.ring = file_stem(arena_, place) + ".ring";
  for (const NodeName& node : TRY(endpoints_of(entry, place.target.node))) {
    config.endpoints.push_back(address_of(node));
  }
  for (const NodeSpec& node : scenario_.topology.nodes) {
    config.all_nodes.push_back(address_of(node.name));
  }
  for (const auto& [name, value] : entry.params.all()) config.params[name] = value;
  return config;
}

Result<> WorkloadDriver::start(Duration patience, const Clock& clock) {
  for (const ClientPlacement& place : places_) {
    const ClientConfig config = TRY(configure(place));
    const std::string path = file_stem(arena_, place) + ".json";
    TRY(write_file(path, to_json(config)));
    rings_.push_back(TRY(RecorderReader::create(config.ring)));
    const NodeName& node = place.target.node;
    ProcessStart start;
    start.name = place.target.process.get();
    start.command = {arena_.self(), "client", "--config", path};
    // Where `squall` was called, so that a client's own program can be named from there.
    start.directory = std::filesystem::current_path().string();
    start.log_path = log_path(arena_, node, start.name);
    const Result<int> started = arena_.agent(node).start(start);
    if (!started) return started.error().in("start client " + name_of(place));
  }
  return wait_until_ready(clock.mono() + patience, clock);
}

Result<> WorkloadDriver::wait_until_ready(MonoTime give_up, const Clock& clock) {
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    while (!rings_[i].is_ready()) {
      if (clock.mono() > give_up) {
        const Target& target = places_[i].target;
        const Result<std::string> printed =
            read_file(log_path(arena_, target.node, target.process.get()));
        return Error{Errc::kTimeout, "client " + name_of(places_[i]) + " did not become ready: " +
                                         (printed ? *printed : printed.error().what)};
      }
      pause_for(kReadyPause);
    }
  }
  return {};
}

void WorkloadDriver::set_command(ClientCommand command) {
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    const bool is_later = entry_of(places_[i]).start > Duration{0};
    if (command == ClientCommand::kRun && is_later) continue;
    is_running_[i] = true;
    rings_[i].set_command(command);
  }
}

void WorkloadDriver::run_due(Duration since_timeline_start) {
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    if (is_running_[i]) continue;
    if (entry_of(places_[i]).start > since_timeline_start) continue;
    is_running_[i] = true;
    rings_[i].set_command(ClientCommand::kRun);
  }
}

void WorkloadDriver::add_sources(HistoryBuilder& builder) {
  for (const ClientPlacement& place : places_) {
    sources_.push_back(
        builder.add_source({.client = entry_of(place).name, .node = place.target.node.get()}));
  }
}

Result<> WorkloadDriver::drain(HistoryBuilder& builder) {
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    for (;;) {
      const Result<std::optional<RecordedEvent>> event = rings_[i].next();
      if (!event) return event.error().in("client " + name_of(places_[i]));
      if (!event->has_value()) break;
      TRY(builder.add(sources_[i], **event));
    }
  }
  return {};
}

bool WorkloadDriver::are_all_gone() {
  std::map<NodeName, std::vector<ProcessStatus>> seen;
  for (const ClientPlacement& place : places_) {
    const NodeName& node = place.target.node;
    if (!seen.contains(node)) {
      Result<AgentStatus> status = arena_.agent(node).status();
      if (!status) return false;
      seen[node] = std::move(status->processes);
    }
    for (const ProcessStatus& process : seen[node]) {
      const bool is_alive = process.state == "running" || process.state == "paused";
      if (process.name == place.target.process.get() && is_alive) return false;
    }
  }
  return true;
}

std::uint64_t WorkloadDriver::ring_waits() const {
  std::uint64_t waits = 0;
  for (const RecorderReader& ring : rings_) waits += ring.waits();
  return waits;
}

}  // namespace squall
