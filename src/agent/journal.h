// What must be undone if we die now: written durably before each change that the kernel would not
// undo by itself, and read back at the next start and by `squall recover`.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/node_kernel.h"
#include "base/ids.h"

namespace squall {

struct StoppedProcess {
  ProcessId process;
  friend bool operator==(const StoppedProcess&, const StoppedProcess&) = default;
};
struct FrozenCgroup {
  std::string path;
  friend bool operator==(const FrozenCgroup&, const FrozenCgroup&) = default;
};
// Its vDSO may be patched.
struct SkewedClock {
  ProcessId process;
  friend bool operator==(const SkewedClock&, const SkewedClock&) = default;
};
// Of a delay backend: DelayBackend::residue().
struct DelayResidue {
  std::string what;
  friend bool operator==(const DelayResidue&, const DelayResidue&) = default;
};
using Change = std::variant<StoppedProcess, FrozenCgroup, DelayResidue, SkewedClock>;
// "process 42 stopped", "cgroup /sys/fs/cgroup/squall-etcd frozen"
[[nodiscard]] std::string to_text(const Change& change);

struct JournalContent {
  std::string boot;                         // pids mean nothing after a reboot
  std::map<std::uint64_t, Change> changes;  // not undone yet, oldest first
  std::set<FaultId> events;                 // have happened; must not happen again
};
// Unreadable lines are torn writes, and their changes never began.
[[nodiscard]] JournalContent parse_journal(std::string_view text);

class Journal {
 public:
  Journal(NodeKernel& kernel, std::string boot) : kernel_(kernel), boot_(std::move(boot)) {}

  // Starts an empty one that remembers the events that have happened.
  [[nodiscard]] Result<> begin(std::set<FaultId> events);
  // Durable when it returns: then change the kernel.
  [[nodiscard]] Result<std::uint64_t> intend(const Change& change);
  // It is undone (or never happened).
  [[nodiscard]] Result<> undone(std::uint64_t number);
  [[nodiscard]] Result<> happened(const FaultId& event);
  // So long ago that nobody asks for it again; the next rewriting leaves it out.
  void forget(const FaultId& event) { events_.erase(event); }

  [[nodiscard]] bool has_happened(const FaultId& event) const { return events_.contains(event); }
  [[nodiscard]] bool is_empty() const { return changes_.empty(); }

 private:
  NodeKernel& kernel_;
  std::string boot_;
  std::uint64_t next_ = 1;
  std::uint64_t lines_ = 0;
  std::map<std::uint64_t, Change> changes_;
  std::set<FaultId> events_;

  [[nodiscard]] std::string content() const;
  [[nodiscard]] Result<> append(const std::string& line);
};

// Undoes what is left, newest first, whatever state it is in: not begun, half done, undone, its
// target gone.  One line for each.  kDirty names the first that failed, after trying all.
[[nodiscard]] Result<std::vector<std::string>> replay(const JournalContent& content,
                                                      const std::string& boot, NodeKernel& kernel);

}  // namespace squall
