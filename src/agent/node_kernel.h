// Everything that an agent changes or reads on its node, behind one interface: the machine itself,
// a fake that keeps state, or a wrapper that fails or dies at the n-th call.
#pragma once

#include <string>
#include <vector>

#include "agent/delay/delay_backend.h"
#include "base/result.h"
#include "kernel/clock_skew.h"
#include "kernel/process.h"

namespace squall {

// Not for two threads at once.
class NodeKernel {
 public:
  virtual ~NodeKernel() = default;

  // One atomic transaction.  kNotFound: it names something that is not (any more) there.
  [[nodiscard]] virtual Result<> run_nft(const std::string& commands) = 0;
  // The answers to nft_listing(), one JSON document a line; kNotFound without such a table.
  [[nodiscard]] virtual Result<std::string> read_nft(const std::string& commands) = 0;
  // Gives up every table of ours, whatever state it is in.
  [[nodiscard]] virtual Result<> drop_nft() = 0;

  // What makes packets late; always the same one.
  [[nodiscard]] virtual DelayBackend& delays() = 0;

  // The process, its descendants, and everybody in the session it leads.  kNotFound when gone.
  [[nodiscard]] virtual Result<std::vector<ProcessId>> tree(const ProcessId& process) = 0;
  // Whether every thread is stopped (or dead).  kNotFound when gone.
  [[nodiscard]] virtual Result<bool> is_stopped(const ProcessId& process) = 0;
  [[nodiscard]] virtual Result<> signal(const ProcessId& process, int signal) = 0;

  // The functions of kernel/clock_skew.h.  All: kNotFound when the process is gone.
  [[nodiscard]] virtual Result<> skew_clock(const ProcessId& process, Duration offset,
                                            BootTime until) = 0;
  [[nodiscard]] virtual Result<> restore_clock(const ProcessId& process) = 0;
  [[nodiscard]] virtual Result<ClockReading> read_clock(const ProcessId& process) = 0;

  // Where a freezer of that name would be, for the journal; changes nothing.  kUnsupported without
  // a place for one.
  [[nodiscard]] virtual Result<std::string> freezer_path(const std::string& name) = 0;
  [[nodiscard]] virtual Result<> make_freezer(const std::string& name) = 0;
  [[nodiscard]] virtual Result<> freeze(const std::string& path,
                                        const std::vector<ProcessId>& processes) = 0;
  [[nodiscard]] virtual Result<bool> is_frozen(const std::string& path) = 0;
  // Thaws, moves the members back and removes it.  Fine when it is gone.
  [[nodiscard]] virtual Result<> remove_freezer(const std::string& path) = 0;

  // Durable when it returns.
  [[nodiscard]] virtual Result<> append_journal(const std::string& line) = 0;
  [[nodiscard]] virtual Result<> replace_journal(const std::string& content) = 0;
};

}  // namespace squall
