// Queueing disciplines: linux/net/sched/sch_api.c, sch_prio.c, sch_netem.c.
#include "kernel/traffic_control.h"

#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <algorithm>
#include <array>
#include <utility>

#include "kernel/netlink_socket.h"
#include "kernel/traffic_request.h"

namespace squall {
namespace {

// No handle of somebody's by accident: a packet whose priority is 5354:n would choose band n
// itself.
constexpr std::uint32_t kRootHandle = 0x53540000;
constexpr std::uint32_t kFirstNetemHandle = 0x53550000;
constexpr std::uint32_t kHandleStep = 0x00010000;
// The kernel counts in units of 64 ns where it counts in 32 bits (PSCHED_SHIFT).
constexpr int kTickShift = 6;

std::uint32_t class_of(std::uint32_t band) {
  return kRootHandle + band + 1;
}

std::uint32_t netem_handle(std::uint32_t band) {
  return kFirstNetemHandle + band * kHandleStep;
}

tcmsg head_of(int link_index, std::uint32_t parent, std::uint32_t handle) {
  tcmsg head{};
  head.tcm_family = AF_UNSPEC;
  head.tcm_ifindex = link_index;
  head.tcm_parent = parent;
  head.tcm_handle = handle;
  return head;
}

// A kind that is not there is "no such file", which elsewhere is a link that is not there.
Result<> kind_is_missing(Result<> answer, const std::string& kind) {
  if (answer.ok() || answer.error().code != Errc::kNotFound) return answer;
  return Error{Errc::kUnsupported, answer.error().what + " (this kernel has no " + kind + ")"};
}

template <typename T>
T read_as(const nlattr* attribute) {
  T value{};
  const auto size = std::min(sizeof value, static_cast<std::size_t>(nla_len(attribute)));
  std::copy_n(static_cast<const char*>(nla_data(attribute)), size, reinterpret_cast<char*>(&value));
  return value;
}

void take_counters(nlattr* stats, Qdisc& qdisc) {
  std::array<nlattr*, TCA_STATS_MAX + 1> parts{};
  if (nla_parse_nested(parts.data(), TCA_STATS_MAX, stats, nullptr) < 0) return;
  if (parts[TCA_STATS_BASIC] != nullptr) {
    qdisc.packets = read_as<gnet_stats_basic>(parts[TCA_STATS_BASIC]).packets;
  }
  if (parts[TCA_STATS_QUEUE] != nullptr) {
    const auto queue = read_as<gnet_stats_queue>(parts[TCA_STATS_QUEUE]);
    qdisc.dropped = queue.drops;
    qdisc.waiting = queue.qlen;
  }
}

// The options of a netem begin with a struct; the times in 64 bits follow as attributes.
void take_netem(nlattr* options, Qdisc& qdisc) {
  const auto head = read_as<tc_netem_qopt>(options);
  qdisc.limit = head.limit;
  constexpr int kHead = NLA_ALIGN(static_cast<int>(sizeof(tc_netem_qopt)));
  std::array<nlattr*, TCA_NETEM_MAX + 1> parts{};
  auto* first = reinterpret_cast<nlattr*>(static_cast<char*>(nla_data(options)) + kHead);
  if (nla_parse(parts.data(), TCA_NETEM_MAX, first, nla_len(options) - kHead, nullptr) < 0) return;
  if (parts[TCA_NETEM_LATENCY64] != nullptr) {
    qdisc.delay = Duration(read_as<std::int64_t>(parts[TCA_NETEM_LATENCY64]));
  }
  if (parts[TCA_NETEM_JITTER64] != nullptr) {
    qdisc.jitter = Duration(read_as<std::int64_t>(parts[TCA_NETEM_JITTER64]));
  }
}

Qdisc to_qdisc(const tcmsg& head, nlmsghdr* message) {
  Qdisc qdisc;
  qdisc.handle = head.tcm_handle;
  qdisc.parent = head.tcm_parent;
  std::array<nlattr*, TCA_MAX + 1> parts{};
  if (nlmsg_parse(message, sizeof head, parts.data(), TCA_MAX, nullptr) < 0) return qdisc;
  if (parts[TCA_KIND] != nullptr) qdisc.kind = nla_get_string(parts[TCA_KIND]);
  if (parts[TCA_STATS2] != nullptr) take_counters(parts[TCA_STATS2], qdisc);
  if (parts[TCA_OPTIONS] != nullptr && qdisc.kind == "netem") take_netem(parts[TCA_OPTIONS], qdisc);
  return qdisc;
}

std::uint32_t to_ticks(Duration time) {
  return static_cast<std::uint32_t>(
      std::min<std::int64_t>(time.count() >> kTickShift, std::int64_t{UINT32_MAX}));
}

}  // namespace

Result<TrafficControl> TrafficControl::open() {
  return TrafficControl(TRY(Netlink::open()));
}

Result<TrafficControl> TrafficControl::open(const Fd& netns) {
  return TrafficControl(TRY(Netlink::open(netns)));
}

Result<> TrafficControl::put_bands(const std::string& link) {
  const int index = TRY(netlink_.socket_->index_of(link));
  tc_prio_qopt options{};
  options.bands = kBands;  // and a priomap of zeros: the first band
  Request request(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
                  head_of(index, TC_H_ROOT, kRootHandle));
  request.put_text(TCA_KIND, "prio");
  request.put(TCA_OPTIONS, options);
  return kind_is_missing(send(std::move(request), "put bands on link '" + link + "'"), "sch_prio");
}

Result<> TrafficControl::put_netem(const std::string& link, std::uint32_t band,
                                   const NetemSetting& setting) {
  CHECK(band > 0 && band < kBands);
  CHECK(setting.jitter <= kMaxNetemJitter);
  CHECK(setting.jitter == Duration(0) || !setting.distribution.empty());
  CHECK(setting.distribution.size() <= kMaxDistribution);
  const int index = TRY(netlink_.socket_->index_of(link));
  Request request(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
                  head_of(index, class_of(band), netem_handle(band)));
  request.put_text(TCA_KIND, "netem");
  request.nest(TCA_OPTIONS, [&] {
    tc_netem_qopt options{};
    options.latency = to_ticks(setting.delay);
    options.jitter = to_ticks(setting.jitter);
    options.limit = setting.limit;
    request.append(&options, sizeof options);
    request.put(TCA_NETEM_LATENCY64, std::int64_t{setting.delay.count()});
    request.put(TCA_NETEM_JITTER64, std::int64_t{setting.jitter.count()});
    if (setting.jitter == Duration(0)) return;
    request.put_bytes(TCA_NETEM_DELAY_DIST, setting.distribution.data(),
                      setting.distribution.size() * sizeof(std::int16_t));
  });
  return kind_is_missing(send(std::move(request), "put netem on link '" + link + "'"), "sch_netem");
}

std::optional<std::uint32_t> TrafficControl::band_of(const Qdisc& qdisc) {
  const std::uint32_t band = qdisc.parent - kRootHandle - 1;
  if (qdisc.kind == "netem" && band > 0 && band < kBands) return band;
  return std::nullopt;
}

Result<std::vector<Qdisc>> TrafficControl::qdiscs(int link_index) {
  std::vector<Qdisc> result;
  // The kernel lists those of all links, whatever it is asked for.
  const Request request(RTM_GETQDISC, NLM_F_DUMP, head_of(link_index, 0, 0));
  TRY(list(request, "list qdiscs", [&](const tcmsg& head, nlmsghdr* message) {
    if (head.tcm_ifindex == link_index) result.push_back(to_qdisc(head, message));
  }));
  return result;
}

Result<> TrafficControl::add_clsact(int link_index) {
  const std::string attempt = "add clsact to link " + std::to_string(link_index);
  for (const Qdisc& qdisc : TRY(qdiscs(link_index))) {
    if (qdisc.parent == TC_H_CLSACT) {
      return Error{Errc::kInvalid, attempt + ": there is '" + qdisc.kind + "' already"};
    }
  }
  Request request(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL,
                  head_of(link_index, TC_H_CLSACT, TC_H_MAKE(TC_H_CLSACT, 0)));
  request.put_text(TCA_KIND, "clsact");
  return kind_is_missing(send(std::move(request), attempt), "sch_ingress");
}

Result<> TrafficControl::remove_clsact(int link_index) {
  for (const Qdisc& qdisc : TRY(qdiscs(link_index))) {
    if (qdisc.kind != "clsact") continue;
    Request request(RTM_DELQDISC, 0, head_of(link_index, TC_H_CLSACT, TC_H_MAKE(TC_H_CLSACT, 0)));
    request.put_text(TCA_KIND, "clsact");
    return absence_is_success(
        send(std::move(request), "remove clsact of link " + std::to_string(link_index)));
  }
  return {};
}

Result<> try_netem(const std::string& link) {
  Netlink netlink = TRY(Netlink::open());
  const Result<> made = netlink.add_ifb(link);
  if (!made.ok()) return Error{Errc::kUnsupported, made.error().what};
  const auto use = [&]() -> Result<> {
    TrafficControl traffic = TRY(TrafficControl::open());
    const int index = TRY(netlink.link(link)).index;
    TRY(traffic.put_bands(link));
    TRY(traffic.put_netem(link, 1, {.delay = Duration(1), .limit = 1}));
    TRY(traffic.put_band_filter(link, 1, {.value = 1, .mask = 1}));
    TRY(traffic.add_clsact(index));
    return traffic.add_redirect(index, 1, {.value = 1, .mask = 1}, index);
  };
  const Result<> used = use();
  TRY(netlink.remove_link(link));
  if (!used.ok()) return Error{Errc::kUnsupported, used.error().what};
  return {};
}

}  // namespace squall
