// A node that exists in memory only: nftables with timeouts, processes, freezers and a journal.  It
// keeps state; it can be told to fail its n-th call.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/node_kernel.h"
#include "agent/stack_processes.h"
#include "base/time.h"

namespace squall {

class FakeClock final : public Clock {
 public:
  [[nodiscard]] MonoTime mono() const override { return {now_}; }
  [[nodiscard]] BootTime boot() const override { return {now_}; }
  [[nodiscard]] WallTime wall() const override { return {now_}; }
  void advance(Duration by) { now_ += by; }

 private:
  Duration now_ = std::chrono::seconds(100);
};

// A delay line that keeps what it was told.
class FakeDelays final : public DelayBackend {
 public:
  // `step` counts a call that changes something, and fails it if that is planned.
  explicit FakeDelays(std::function<Result<>()> step) : step_(std::move(step)) {}

  std::vector<DelayRow> rows;
  bool has_rules = false;  // what would outlive the agent
  std::string trouble;     // why check() fails; "" while it works

  [[nodiscard]] std::string residue() const override { return "rules"; }
  [[nodiscard]] Result<> remove_residue(const std::string& residue) override;
  [[nodiscard]] Result<> set(const std::vector<DelayRow>& desired) override;
  void extend(const FaultId& fault, BootTime expiry) override;
  [[nodiscard]] Result<> check() override;
  [[nodiscard]] Result<> release() override;
  [[nodiscard]] Result<bool> is_gone() override { return !has_rules; }
  [[nodiscard]] std::map<FaultId, DelaySpec> carried() override;
  [[nodiscard]] Result<DelayCounters> counters() override { return DelayCounters(); }
  // "slow 50ms 198.18.0.2 fd00::2", a line for each.
  [[nodiscard]] std::string to_text() const;

 private:
  std::function<Result<>()> step_;
};

class FakeKernel final : public NodeKernel {
 public:
  explicit FakeKernel(const FakeClock& clock) : clock_(clock) {}

  struct Set {
    std::map<std::string, BootTime> elements;  // until when
    friend bool operator==(const Set&, const Set&) = default;
  };
  struct Table {
    std::map<std::string, Set> sets;
    std::set<std::string> counters;
    std::map<std::string, std::vector<std::string>> chains;
    friend bool operator==(const Table&, const Table&) = default;
  };
  struct Process {
    bool is_stopped = false;
    ClockReading clock;
    std::vector<ProcessId> children;
    friend bool operator==(const Process&, const Process&) = default;
  };

  // The state, for tests to read and to set.
  std::map<std::string, Table> tables;
  std::map<ProcessId, Process> processes;
  std::map<std::string, std::vector<ProcessId>> freezers;  // path → frozen members
  std::vector<std::string> journal;
  FakeDelays delay_line{[this] { return step(); }};
  int fail_at = 0;  // the n-th call from now on fails; 0: none
  int calls = 0;

  // Everything but the journal and the remaining times: what must be as it was after a heal.
  [[nodiscard]] std::string fingerprint() const;
  // Whether a packet to this address would be marked for the delay line now.
  [[nodiscard]] bool steers(const std::string& address) const;
  // Whether a packet from this address would be dropped now.
  [[nodiscard]] bool drops(const std::string& address) const;

  [[nodiscard]] Result<> run_nft(const std::string& commands) override;
  [[nodiscard]] Result<std::string> read_nft(const std::string& command) override;
  [[nodiscard]] Result<> drop_nft() override;
  [[nodiscard]] DelayBackend& delays() override { return delay_line; }
  [[nodiscard]] Result<std::vector<ProcessId>> tree(const ProcessId& process) override;
  [[nodiscard]] Result<bool> is_stopped(const ProcessId& process) override;
  [[nodiscard]] Result<> signal(const ProcessId& process, int signal) override;
  [[nodiscard]] Result<> skew_clock(const ProcessId& process, Duration offset,
                                    BootTime until) override;
  [[nodiscard]] Result<> restore_clock(const ProcessId& process) override;
  [[nodiscard]] Result<ClockReading> read_clock(const ProcessId& process) override;
  [[nodiscard]] Result<std::string> freezer_path(const std::string& name) override;
  [[nodiscard]] Result<> make_freezer(const std::string& name) override;
  [[nodiscard]] Result<> freeze(const std::string& path,
                                const std::vector<ProcessId>& members) override;
  [[nodiscard]] Result<bool> is_frozen(const std::string& path) override;
  [[nodiscard]] Result<> remove_freezer(const std::string& path) override;
  [[nodiscard]] Result<> append_journal(const std::string& line) override;
  [[nodiscard]] Result<> replace_journal(const std::string& content) override;

 private:
  [[nodiscard]] Result<> step();
  [[nodiscard]] Result<> execute(const std::string& line,
                                 std::map<std::string, Table>& state) const;
  [[nodiscard]] bool is_live(BootTime until) const { return clock_.boot() < until; }

  const FakeClock& clock_;
};

class FakeStack final : public StackProcesses {
 public:
  std::map<std::string, ProcessId> running;
  std::map<std::string, Duration> planned;

  [[nodiscard]] std::vector<std::string> names() const override;
  [[nodiscard]] std::optional<ProcessId> find(const ProcessName& process) const override;
  void plan_restart(const ProcessName& process, Duration after) override;
};

}  // namespace squall
