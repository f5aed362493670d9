// The agents' client: gRPC behind our own types.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "faults/fault.h"

namespace squall {

struct AgentCapabilities {
  std::string version;
  std::vector<std::string> kinds;
  std::map<std::string, std::string> missing;
  std::map<std::string, std::string> facts;
};

struct ProcessStatus {
  std::string name;
  int pid = 0;
  std::string state;
  std::uint32_t restarts = 0;
};

struct AgentStatus {
  std::vector<std::string> active_faults;
  std::vector<ProcessStatus> processes;
  bool is_dirty = false;
  std::string dirty_reason;
};

struct Applied {
  std::vector<std::string> effects;
  MonoTime at;
};
struct LostLease {
  std::string fault;
  MonoTime at;
};
struct Renewed {
  std::vector<std::string> active;
  std::vector<LostLease> lost;
};
struct Healed {
  MonoTime at;
  std::vector<std::string> lost;  // faults whose lease had lapsed before, so that they were over
};
using ProbeTimes = std::map<std::string, MonoTime>;  // by nonce
struct PlaneObservation {
  std::string plane, desired, observed;
  bool agrees = false;
};
struct FaultCounter {
  std::string fault, what;
  std::uint64_t count = 0;
};
struct AgentObservation {
  std::vector<PlaneObservation> planes;
  std::vector<FaultCounter> counters;
  std::vector<ProcessStatus> processes;
  MonoTime at;
};
struct ProcessStart {
  std::string name;
  std::vector<std::string> command;
  std::map<std::string, std::string> env;
  std::map<std::string, std::string> files;
  std::string directory;
  std::string log_path;
  bool is_restarted_on_failure = false;
  std::string ready_http, ready_tcp, ready_log;
  std::string root;
  bool keeps_capabilities = false;
};
struct AgentEvent {
  MonoTime at;
  ProcessStatus process;  // name empty: none
  LostLease lost_lease;   // fault empty: none
  std::string note;       // empty: none
};

// Thread-safe.  Every call has a deadline; kTimeout and kIo name the node.
class AgentClient {
 public:
  AgentClient(std::string node, const std::string& socket);
  ~AgentClient();
  AgentClient(const AgentClient&) = delete;
  AgentClient& operator=(const AgentClient&) = delete;

  [[nodiscard]] Result<> wait_until_up(Duration within);
  [[nodiscard]] Result<AgentCapabilities> capabilities();
  [[nodiscard]] Result<AgentStatus> status();
  [[nodiscard]] Result<Applied> apply(const Fault& fault, Duration lease);
  [[nodiscard]] Result<Healed> heal(const FaultId& fault);
  [[nodiscard]] Result<Healed> heal_all();
  [[nodiscard]] Result<Renewed> renew(Duration lease);
  [[nodiscard]] Result<AgentObservation> observe();
  [[nodiscard]] Result<int> start(const ProcessStart& process);
  [[nodiscard]] Result<MonoTime> wait_ready(const std::string& process, Duration within);
  [[nodiscard]] Result<> stop(const std::string& process, Duration grace);
  // nonce → literal address.  When each was sent, on that node's clock; those that could not be are
  // left out.
  [[nodiscard]] Result<ProbeTimes> send_probes(const std::map<std::string, std::string>& probes);
  // When each came, on that node's clock; those that have not are left out.
  [[nodiscard]] Result<ProbeTimes> seen_probes(const std::vector<std::string>& nonces,
                                               Duration wait);
  // Calls `on_event` from a thread of its own until the client is destroyed; reconnects.
  void watch(std::function<void(const AgentEvent&)> on_event);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace squall
