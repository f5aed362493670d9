// A recording: everything a run left behind, in memory.  The run file is its form on disk, and a
// checker sees nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "history/history.h"
#include "history/transactions.h"

namespace squall {

// One fault as it happened.  Times are ns since the start of the run, like the history's.
struct FaultInterval {
  std::string id{};           // the scenario's name for it, or "kind@n"
  std::string kind{};         // "network.partition"
  std::string targets{};      // resolved: "e1, e2 | e3", "e2/etcd"
  std::string parameters{};   // canonical text: "signal=KILL restart-after=2s"
  std::string selected_by{};  // the selector as written and what it asked: "leader(registry) = e2"
  std::int64_t requested_start = 0;
  std::int64_t requested_end = 0;  // equal to the start for an event
  std::int64_t start = 0;          // when the last node had it installed
  std::int64_t end = kNever;       // when the last node had healed; kNever: still active
  bool is_event = false;
  std::string
      ending{};  // "healed", "lease lost", "aborted", "died with its agent", "not applied: …"
};

// Measured proof, one row per probe, counter or observation.
struct EvidenceRow {
  std::string fault{};   // FaultInterval::id
  std::string grade{};   // "installed", "exercised", "consequential"
  std::string moment{};  // "before", "during", "after"
  std::string node{};
  std::string what{};      // "probe e1→e3 v4", "dropped packets", "state of etcd"
  std::string expected{};  // "lost"
  std::string observed{};  // "lost"
  bool holds = false;
  std::int64_t at = 0;  // ns since the start of the run
};

struct LogLine {
  std::int64_t at = 0;  // ns since the start of the run, when it was read
  std::string node{};
  std::string process{};  // the stack's process, or "client NAME", "agent", "orchestrator"
  std::string text{};
};

struct MetricPoint {
  std::int64_t at = 0;
  std::string node{};  // "" for the whole run
  std::string name{};  // "operations", "errors", "availability"
  double value = 0;
};

struct VerdictRow {
  std::string check{};  // the checker with its parameters as written
  std::string client{};
  std::string answer{};  // "valid", "unknown", "violated"
  std::string kind{};    // "safety", "slo"
  std::uint64_t examined = 0;
  std::string summary{};  // one sentence
  std::string detail{};   // JSON: witnesses, facts
};

struct AgentRow {
  std::string node{};
  std::string version{};
  std::string capabilities{};  // JSON
};

struct Recording {
  // Keys in docs/run-file.md: squall, scenario, resolved, topology, seed, arena, control, started
  // (RFC 3339), environment (JSON), duration_ns, ending ("complete", "aborted: …", "invalid: …",
  // "stopped: …"), expect, ….
  std::map<std::string, std::string> meta;
  History history;
  // Read straight from a file of transactions; the history is empty then, and witnesses name
  // transactions by their position.  Without it, checkers make their own from the history.
  std::optional<Transactions> transactions;
  std::vector<FaultInterval> faults;
  std::vector<EvidenceRow> evidence;
  std::vector<AgentRow> agents;
  std::vector<LogLine> logs;
  std::vector<MetricPoint> metrics;
  std::vector<VerdictRow> verdicts;
};

}  // namespace squall
