// A workload client: one operating-system process (`squall client --config FILE`, started by a
// node's agent) that runs some of a workload entry's processes and records their operations.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/params.h"
#include "base/result.h"
#include "scenarios/vocabulary.h"

namespace squall {

// The one list of client kinds; adding one is one file and one line.
[[nodiscard]] std::span<const ClientRow> clients();

struct EndpointAddress {
  std::string node;
  std::string ipv4;
  std::string ipv6;
  std::string region;
};

struct ClientConfig {
  std::string name;                     // the workload entry's
  std::string kind;                     // a ClientRow's
  std::string node;                     // where it runs
  std::vector<std::int64_t> processes;  // ids, unique in the run
  std::int64_t process_count = 0;       // of the workload entry, all nodes together; 0: just these
  std::uint64_t seed = 1;               // of the run; streams are split by name and process id
  std::vector<EndpointAddress> endpoints;  // in the order to prefer: local first, or the leader…
  std::vector<EndpointAddress> all_nodes;
  std::string ring;  // the recorder ring's file (recorder_ring.h)
  std::map<std::string, std::string> params;
};
[[nodiscard]] std::string to_json(const ClientConfig& config);
[[nodiscard]] Result<ClientConfig> read_client_config(const std::string& path);

// Runs until the ring's command says stop.  Log lines for people and for `when: {log: …}` go to
// standard output, one line each, flushed.
[[nodiscard]] Result<> run_client(const ClientConfig& config);

}  // namespace squall
