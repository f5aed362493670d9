// Takes the node's processes to a desired state: stops, freezes and continues them, and picks up
// processes that were forked or restarted since.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "agent/journal.h"
#include "agent/lease_board.h"
#include "agent/node_kernel.h"
#include "agent/planes/process_plane.h"

namespace squall {

// Who a process of the stack is at this moment; nothing while it is down.
using FindProcess = std::function<std::optional<ProcessId>(const ProcessName&)>;
// The board's slot of a fault.
using FindSlot = std::function<std::optional<std::size_t>(const FaultId&)>;

// Not for two threads at once.
class ProcessApplier {
 public:
  ProcessApplier(std::string node, NodeKernel& kernel, Journal& journal, LeaseBoard& board,
                 FindProcess find_process, FindSlot find_slot)
      : node_(std::move(node)),
        kernel_(kernel),
        journal_(journal),
        board_(board),
        find_process_(std::move(find_process)),
        find_slot_(std::move(find_slot)) {}

  // Idempotent; call it again to pick up new processes.  Continues before it stops.  An error
  // leaves the rest as far as it got: reconcile again, to the old state or to the new.
  [[nodiscard]] Result<> reconcile(const ProcessState& desired);
  // What stands still now, as to_text(ProcessState) would say it of `desired`.
  [[nodiscard]] Result<std::string> observe(const ProcessState& desired);
  [[nodiscard]] bool is_frozen(const ProcessName& process);
  // How many processes were running and stand still now for this process of the stack: what was
  // at rest before does not count.
  [[nodiscard]] std::size_t count(const ProcessName& process);

 private:
  // Something of ours that stands still; the journal and the board know it.
  struct Hold {
    std::uint64_t record = 0;
    std::size_t thing = 0;
  };
  struct Frozen {
    Hold hold;
    std::string path;
    std::vector<ProcessId> members;
    std::set<ProcessId> hit;  // members that were running
  };

  [[nodiscard]] Result<> stop(const PausedProcess& process);
  [[nodiscard]] Result<bool> stop_newcomers(const PausedProcess& process, const ProcessId& main);
  [[nodiscard]] Result<> freeze(const PausedProcess& process);
  void note_running(const std::vector<ProcessId>& members, Frozen& frozen);
  [[nodiscard]] Result<> release_stopped(const ProcessName& name);
  [[nodiscard]] Result<> release_frozen(const ProcessName& name);
  [[nodiscard]] std::uint64_t slots_of(const std::vector<FaultId>& faults) const;

  std::string node_;
  NodeKernel& kernel_;
  Journal& journal_;
  LeaseBoard& board_;
  FindProcess find_process_;
  FindSlot find_slot_;
  std::map<ProcessName, std::map<ProcessId, Hold>> stopped_;
  std::map<ProcessName, Frozen> frozen_;
  // Stopped by somebody else before us: we neither stop nor continue them.
  std::set<ProcessId> foreign_;
};

}  // namespace squall
