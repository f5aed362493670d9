// The kernel's own delays: netem behind an ifb of ours.
//
//   nft: mark ─▶ eth0, clsact egress: our mark ─▶ ifb ─▶ band by mark ─▶ netem ─▶ eth0's own qdisc
//
// Nothing of it dies with the agent, and nothing needs to: a packet without the mark never meets
// it, and the mark ends with the lease or with the agent's table.  What is left then is taken away
// by the watchdog, or by whoever replays the journal, after the last packet has left.
#pragma once

#include <sys/types.h>

#include <optional>
#include <set>

#include "agent/delay/delay_backend.h"
#include "agent/delay/netem_hooks.h"
#include "agent/delay/netem_plan.h"
#include "base/fd.h"

namespace squall {

class NetemDelay final : public DelayBackend {
 public:
  // For the given network namespace, and for the process that makes it.
  explicit NetemDelay(Fd netns);

  [[nodiscard]] std::string residue() const override;
  [[nodiscard]] Result<> remove_residue(const std::string& residue) override;
  // kUnsupported where netem is missing, cannot do what is asked, or would meet the filters of
  // somebody else at the egress of a device.
  [[nodiscard]] Result<> set(const std::vector<DelayRow>& rows) override;
  void extend(const FaultId& fault, BootTime expiry) override;
  [[nodiscard]] Result<> check() override;
  [[nodiscard]] Result<> release() override;
  [[nodiscard]] Result<bool> is_gone() override;
  [[nodiscard]] std::map<FaultId, DelaySpec> carried() override;
  [[nodiscard]] Result<DelayCounters> counters() override;

 private:
  [[nodiscard]] Result<> start(Netlink& netlink, TrafficControl& traffic);
  [[nodiscard]] Result<> put_bands(TrafficControl& traffic, const NetemPlan& plan);
  [[nodiscard]] Result<> hook(Netlink& netlink, TrafficControl& traffic, int link);
  [[nodiscard]] Result<std::set<int>> links_towards(Netlink& netlink) const;
  [[nodiscard]] Result<std::vector<Qdisc>> our_qdiscs();

  Fd netns_;
  std::string name_;
  int index_ = 0;  // of our link; 0: there is none
  NetemPlan plan_;
  std::set<std::uint32_t> bands_;  // that have a filter
  NetemHooks hooks_;
  std::vector<DelayRow> rows_;
  DelayCounters before_;  // what our link had counted when set() was called first
};

// What an agent's link is called.
[[nodiscard]] std::string netem_link(pid_t agent);
// Takes away what an agent left behind in the calling thread's namespace; waits until what is in it
// has left, for `patience` at most.  Fine when there is nothing.
[[nodiscard]] Result<> remove_netem(const std::string& link, Duration patience);
// "netem behind link squall-i42" and back; kInvalid for another text.
[[nodiscard]] std::string netem_text(const std::string& link);
[[nodiscard]] Result<std::string> parse_netem_text(const std::string& text);

// The longest that a packet can wait in it, and some more.
inline constexpr Duration kNetemPatience = kNetemSlots * kDelayMax + std::chrono::seconds(10);

}  // namespace squall
