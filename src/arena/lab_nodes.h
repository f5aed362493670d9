// The lab's nodes as its init sees them: their namespaces, and one agent in each.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "arena/lab_plan.h"
#include "base/fd.h"
#include "base/result.h"
#include "kernel/freezer.h"

namespace squall {

struct AgentProgram {
  std::string self;                     // run as `self agent --config FILE`
  std::string search_path;              // PATH of the stack's processes
  std::optional<FreezerParent> cgroup;  // the run's; each node gets a child of it
};

// What keeps a node alive while nothing runs in it.
struct NodeNamespaces {
  Fd netns;
  Fd mount;  // with the lab's /etc/hosts
  Fd uts;    // with the node's host name
};

// Single-threaded; its process is the parent of all agents and reaps them.
class LabNodes {
 public:
  // Makes each node's mount and UTS namespaces around its network namespace.
  static Result<LabNodes> make(const LabPlan& plan, const LabPaths& paths, std::vector<Fd> netns);

  // Writes the node's configuration and starts its agent; returns once it was exec'ed.
  [[nodiscard]] Result<> start_agent(std::size_t node, const AgentProgram& program);
  // Kills a living agent first.
  [[nodiscard]] Result<> restart_agent(std::size_t node, const AgentProgram& program);
  // 0: not running.
  [[nodiscard]] pid_t agent_pid(std::size_t node) const { return agents_[node]; }
  // Somebody reaped this process.
  void forget(pid_t pid);
  [[nodiscard]] const NodeNamespaces& namespaces(std::size_t node) const {
    return namespaces_[node];
  }

 private:
  LabNodes(const LabPlan& plan, LabPaths paths) : plan_(&plan), paths_(std::move(paths)) {}
  [[nodiscard]] Result<> write_config(std::size_t node, const AgentProgram& program) const;

  const LabPlan* plan_;
  LabPaths paths_;
  std::vector<NodeNamespaces> namespaces_;
  std::vector<pid_t> agents_;
};

// For a child between fork and exec (or for ever): no blocked signals, every handler the default,
// in a session of its own so that no terminal's Ctrl-C reaches it.  SIGPIPE stays as it is unless
// `is_program`.
void leave_terminal(bool is_program);

}  // namespace squall
