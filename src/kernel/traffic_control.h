// Queueing disciplines and their filters over rtnetlink, bound to one network namespace: as much as
// it takes to delay marked packets behind a device of our own, and to take that away again.
//
//   eth0, clsact egress:  mark ─▶ redirect ─▶ our ifb: 16 bands ─▶ netem ─▶ eth0's own root qdisc
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"
#include "kernel/netlink.h"

struct nlmsghdr;
struct tcmsg;

namespace squall {

// TCQ_PRIO_BANDS.
inline constexpr std::uint32_t kBands = 16;
// What the kernel takes at most as the table of a distribution (NETEM_DIST_MAX); an entry of
// kDistributionScale is one `jitter` later than `delay`.
inline constexpr std::size_t kMaxDistribution = 16384;
inline constexpr std::int32_t kDistributionScale = 8192;
// sch_netem computes with 32 bits of nanoseconds.
inline constexpr Duration kMaxNetemJitter = Duration(2'000'000'000);

struct NetemSetting {
  Duration delay{0};
  Duration jitter{0};                           // at most kMaxNetemJitter
  std::vector<std::int16_t> distribution = {};  // its quantiles; not empty with a jitter
  std::uint32_t limit = 0;                      // packets that may wait
  friend bool operator==(const NetemSetting&, const NetemSetting&) = default;
};

struct Qdisc {
  std::string kind = {};  // "prio", "netem", "clsact", …
  std::uint32_t handle = 0;
  std::uint32_t parent = 0;
  std::uint64_t packets = 0;  // that have left
  std::uint64_t dropped = 0;
  std::uint64_t waiting = 0;
  Duration delay{0};  // of a netem
  Duration jitter{0};
  std::uint32_t limit = 0;
};

// A filter at the egress or ingress hook of clsact.
struct HookFilter {
  bool is_egress = false;
  std::uint32_t priority = 0;
  std::string kind = {};
  std::uint32_t handle = 0;
  int redirects_to = 0;  // the index of a link, or 0
};

struct MarkMatch {
  std::uint32_t value = 0;
  std::uint32_t mask = 0;
};

// Every call waits for the kernel's answer.  Not for two threads at once.  What names a link that
// is gone is kNotFound; a kind that the kernel lacks is kUnsupported.
class TrafficControl {
 public:
  // In the calling thread's namespace, or in `netns`.
  static Result<TrafficControl> open();
  static Result<TrafficControl> open(const Fd& netns);

  // The root qdisc of a link *of ours*: kBands bands, of which the first takes what no filter sends
  // elsewhere, and passes it on at once.
  [[nodiscard]] Result<> put_bands(const std::string& link);
  // Into this band goes what has the mark, and loses the bits of the mask on the way.
  [[nodiscard]] Result<> put_band_filter(const std::string& link, std::uint32_t band,
                                         MarkMatch mark);
  // Makes the netem of a band, or changes it: what waits keeps its time.
  [[nodiscard]] Result<> put_netem(const std::string& link, std::uint32_t band,
                                   const NetemSetting& setting);
  // The band that a netem stands in; nothing for another qdisc.
  [[nodiscard]] static std::optional<std::uint32_t> band_of(const Qdisc& qdisc);
  [[nodiscard]] Result<std::vector<Qdisc>> qdiscs(int link_index);

  // The hooks before a link's own qdiscs, which stay as they are.  kInvalid when there are some.
  [[nodiscard]] Result<> add_clsact(int link_index);
  // Takes every filter of the hooks with it.  Fine when there are none.
  [[nodiscard]] Result<> remove_clsact(int link_index);
  // At the egress hook: packets with the mark leave through `target` instead.  If that vanishes or
  // goes down they are swallowed.
  [[nodiscard]] Result<> add_redirect(int link_index, std::uint32_t priority, MarkMatch mark,
                                      int target_index);
  // Fine when there is none.
  [[nodiscard]] Result<> remove_redirect(int link_index, std::uint32_t priority);
  // Of both hooks.
  [[nodiscard]] Result<std::vector<HookFilter>> hook_filters(int link_index);

 private:
  struct Request;
  explicit TrafficControl(Netlink netlink) : netlink_(std::move(netlink)) {}
  [[nodiscard]] Result<> send(Request request, const std::string& attempt);
  // Hands each answer to a listing to `take`.
  using Take = std::function<void(const tcmsg&, nlmsghdr*)>;
  [[nodiscard]] Result<> list(const Request& request, const std::string& attempt, const Take& take);
  [[nodiscard]] Result<> list_filters(int link_index, bool is_egress,
                                      std::vector<HookFilter>& filters);

  Netlink netlink_;
};

// Makes a link with bands, a netem, a filter and a redirect, and removes it again.  In the calling
// thread's namespace; kUnsupported says what this kernel lacks.
[[nodiscard]] Result<> try_netem(const std::string& link);

}  // namespace squall
