// An arena: where a scenario runs.  A scenario does not know its arena.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/agent_config.h"
#include "arena/agent_client.h"
#include "base/ids.h"
#include "base/result.h"
#include "scenarios/topology.h"

namespace squall {

// A running arena, seen from inside: the orchestrator's process lives in it.
class Arena {
 public:
  virtual ~Arena() = default;
  [[nodiscard]] virtual const std::map<std::string, NodeAddresses>& addresses() const = 0;
  // Connected; reconnects when an agent was restarted.
  [[nodiscard]] virtual AgentClient& agent(const NodeName& node) = 0;
  // A folder for a node's files, and one for the run's (rings, logs); gone with the arena.
  [[nodiscard]] virtual std::string node_dir(const NodeName& node) const = 0;
  [[nodiscard]] virtual std::string run_dir() const = 0;
  // The program file for hidden subcommands (`squall client`), as seen from the nodes.
  [[nodiscard]] virtual std::string self() const = 0;
  // A network namespace descriptor for a node, owned by the arena: to open sockets there.
  [[nodiscard]] virtual int node_netns(const NodeName& node) const = 0;
  // Starts the node's agent again, killing it first if it still runs.  It takes over from its
  // journal; the node's processes were never touched.
  [[nodiscard]] virtual Result<> restart_agent(const NodeName& node) = 0;
  // As seen inside the arena; 0 while it does not run.
  [[nodiscard]] virtual int agent_pid(const NodeName& node) = 0;
  // Facts for the run file: kernel, baseline, freezer, ….
  [[nodiscard]] virtual std::map<std::string, std::string> facts() const = 0;
};

struct LabOptions {
  bool has_baseline = true;  // --no-baseline
  std::string stacks;        // bin folders of unpacked servers, colon separated
  // Files and folders that the lab's own memory file system must not hide: the run file, the
  // scenario, ….  The working directory, `self` and `stacks` are kept visible anyway.
  std::vector<std::string> keep_visible;
  // Called in the caller's process while the lab comes up.
  std::function<void(const std::string&)> progress;
  std::string self;        // the program with the subcommand `agent`; "": this program
  bool has_agents = true;  // tests of the lab alone do without
  std::string tun_device = "/dev/net/tun";
};

// How the body ended, as seen from outside.
struct LabEnd {
  int exit_code = 0;  // of the body
  std::string
      failure;  // "" or why the lab or its body died: "the lab's body was killed by signal 9"
};

// Builds the lab in fresh user, mount, PID, network, IPC and UTS namespaces, runs `body` in a
// process of its own inside (the caller forks before it has threads), takes everything down, and
// returns how it ended.  `control` is one end of a socket pair whose other end the body gets: the
// caller sends it "abort" and reads progress lines.  When the caller dies, all of it dies.
[[nodiscard]] Result<LabEnd> run_in_lab(const Topology& topology, const LabOptions& options,
                                        const std::function<int(Arena&, int control)>& body,
                                        const std::function<void(int control)>& while_running);

}  // namespace squall
