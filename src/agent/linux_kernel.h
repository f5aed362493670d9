// NodeKernel on the machine itself, in the network namespace of the thread that opens it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/delay/chosen_delay.h"
#include "agent/node_kernel.h"
#include "base/fd.h"
#include "kernel/freezer.h"
#include "kernel/nftables.h"

namespace squall {

class LinuxKernel final : public NodeKernel {
 public:
  // `cgroup_parent` may be empty: then no freezer.  The journal's folder must exist.
  static Result<std::unique_ptr<LinuxKernel>> open(const std::string& journal_path,
                                                   const std::string& cgroup_parent,
                                                   DelayChoice delays = DelayChoice::kProbe);

  [[nodiscard]] Result<> run_nft(const std::string& commands) override;
  [[nodiscard]] Result<std::string> read_nft(const std::string& commands) override;
  [[nodiscard]] Result<> drop_nft() override;
  [[nodiscard]] DelayBackend& delays() override { return delays_; }
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
                                const std::vector<ProcessId>& processes) override;
  [[nodiscard]] Result<bool> is_frozen(const std::string& path) override;
  [[nodiscard]] Result<> remove_freezer(const std::string& path) override;
  [[nodiscard]] Result<> append_journal(const std::string& line) override;
  [[nodiscard]] Result<> replace_journal(const std::string& content) override;

 private:
  LinuxKernel(std::string journal_path, std::optional<FreezerParent> freezer, Fd for_netem,
              Fd for_line, DelayChoice delays)
      : journal_path_(std::move(journal_path)),
        freezer_(std::move(freezer)),
        delays_(std::move(for_netem), std::move(for_line), delays) {}
  // Opened at the first use: an agent on a kernel without nftables can still pause processes.
  [[nodiscard]] Result<Nft*> nft();

  std::string journal_path_;
  std::optional<FreezerParent> freezer_;
  std::optional<Nft> nft_;
  ChosenDelay delays_;
  Fd journal_;
};

// v2 or v1 by the files in it.  kUnsupported when it is no cgroup.
[[nodiscard]] Result<FreezerParent> freezer_parent_at(const std::string& path);

// Undo of a journalled freeze, also without a LinuxKernel: for the watchdog and `squall recover`.
[[nodiscard]] Result<> thaw_and_remove(const std::string& path);

}  // namespace squall
