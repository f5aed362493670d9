// The delay line in user space, from the agent's side: starts it, tells it what to do, watches it.
//
//   nft: mark ─▶ rule by mark ─▶ table of the agent ─▶ TUN ─▶ line process ─▶ raw socket ─▶ link
//
// The line is a child of the agent and outlives it only for as long as packets wait.
#pragma once

#include <memory>
#include <vector>

#include "agent/delay/delay_backend.h"
#include "base/fd.h"
#include "kernel/netlink.h"

namespace squall {

struct DelayBoard;

// A line that has not looked around for so long hangs.
inline constexpr Duration kLineSilence = std::chrono::seconds(1);

class TunDelay final : public DelayBackend {
 public:
  // For the given network namespace, and for the process that makes it.
  explicit TunDelay(Fd netns);
  TunDelay(const TunDelay&) = delete;
  TunDelay& operator=(const TunDelay&) = delete;
  // Lines that still hold packets finish by themselves.
  ~TunDelay() override;

  [[nodiscard]] std::string residue() const override;
  [[nodiscard]] Result<> remove_residue(const std::string& residue) override;
  [[nodiscard]] Result<> set(const std::vector<DelayRow>& rows) override;
  void extend(const FaultId& fault, BootTime expiry) override;
  [[nodiscard]] Result<> check() override;
  [[nodiscard]] Result<> release() override;
  // The rules go at once, and a line by itself.
  [[nodiscard]] Result<bool> is_gone() override { return true; }
  [[nodiscard]] std::map<FaultId, DelaySpec> carried() override;
  [[nodiscard]] Result<DelayCounters> counters() override;

 private:
  struct Line;
  [[nodiscard]] Result<> start(const std::vector<DelayRow>& rows);
  [[nodiscard]] Result<std::uint32_t> smallest_mtu(const std::vector<DelayRow>& rows) const;
  [[nodiscard]] Result<> assign_slots(const std::vector<DelayRow>& rows);
  [[nodiscard]] Result<> ask(const std::string& message);
  // Lines that have finished are reaped, and those that hang are killed.
  void look_after_retired();

  Fd netns_;
  std::uint32_t table_;
  std::unique_ptr<Line> line_;
  std::vector<std::unique_ptr<Line>> retired_;
};

// Whether such a line could be started here: a TUN device, raw sockets and routing rules, tried in
// the calling thread's network namespace.  kUnsupported says what would help.
[[nodiscard]] Result<> try_tun_delay();

}  // namespace squall
