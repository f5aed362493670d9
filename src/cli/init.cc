// `squall init`: a topology and a scenario to start from, with schemas for the editor.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "scenarios/schema.h"
#include "workload/client.h"

namespace squall {
namespace {

constexpr const char* kTopology =
    R"(# yaml-language-server: $schema=schemas/topology.schema.json
# How your system is started, on which nodes, and how it shows that it is ready.
topology: my-system
regions: {eu: {us: 20ms}, us: {}}      # one-way baseline delay between regions
nodes:
  n1: {region: eu, run: [etcd]}
  n2: {region: eu, run: [etcd]}
  n3: {region: us, run: [etcd]}
processes:
  etcd:
    role: registry
    command:
      - etcd
      - --name
      - '{node}'
      - --data-dir
      - '{dir}/data'
      - --listen-client-urls
      - 'http://{ip}:2379'
      - --advertise-client-urls
      - 'http://{ip}:2379'
      - --listen-peer-urls
      - 'http://{ip}:2380'
      - --initial-advertise-peer-urls
      - 'http://{ip}:2380'
      - --initial-cluster
      - '{nodes:registry:{node}=http://{ip}:2380}'
    ready: {http: 'http://{ip}:2379/health', within: 20s}
leader:
  registry:
    http: 'http://{ip}:2379/v3/maintenance/status'
    post: '{}'
    same: [leader, header.member_id]
)";

constexpr const char* kScenario = R"(# yaml-language-server: $schema=schemas/scenario.schema.json
squall: 1
name: my-first-scenario
why: a region is cut off and the leader is killed; every answer must stay linearizable
seed: 1
stack: {use: my-system.yaml}
workload:
  - {client: etcd, name: kv, processes: 6, from: all, endpoint: any, timeout: 1s}
timeline:
  - {at: 2s, for: 5s, fault: network.partition, between: [region/eu, region/us], name: cut}
  - after: {fault: cut, by: 2s}
    fault: process.kill
    on: leader(registry)
    restart-after: 1s
    name: crash
settle: 4s
checks:
  - linearizable: {client: kv}
)";

Result<> write_new(const std::string& path, const std::string& content) {
  if (std::filesystem::exists(path)) {
    return Error{Errc::kInvalid, path + ": exists already; nothing was written over it"};
  }
  TRY(write_file(path, content));
  print_line("wrote " + path);
  return {};
}

Result<> init(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder + "/schemas", error);
  if (error) return Error{Errc::kIo, folder + ": " + error.message()};
  TRY(write_new(folder + "/my-system.yaml", kTopology));
  TRY(write_new(folder + "/my-first-scenario.yaml", kScenario));
  const std::string schema = scenario_schema({.clients = clients()});
  TRY(write_new(folder + "/schemas/scenario.schema.json", schema));
  TRY(write_new(folder + "/schemas/topology.schema.json", topology_schema()));
  print_line("next: squall run " + folder + "/my-first-scenario.yaml");
  return {};
}

}  // namespace

void add_init(CLI::App& program, Chosen& chosen) {
  auto folder = std::make_shared<std::string>(".");
  CLI::App* command =
      program.add_subcommand("init", "Write a topology and a scenario to start from");
  command->add_option("FOLDER", *folder, "Where to")->capture_default_str();
  command->footer("Example:\n  squall init chaos && squall run chaos/my-first-scenario.yaml");
  command->callback([folder, &chosen] {
    chosen.run = [folder] {
      const Result<> done = init(*folder);
      return done ? 0 : fail(done.error());
    };
  });
}

}  // namespace squall
