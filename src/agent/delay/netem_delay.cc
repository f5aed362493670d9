// An ifb with bands, filled and emptied.
#include "agent/delay/netem_delay.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>

#include "agent/planes/network_transaction.h"
#include "kernel/namespaces.h"

namespace squall {
namespace {

constexpr std::string_view kText = "netem behind link ";
constexpr std::string_view kLinkPrefix = "squall-i";
// Packets that the bands have let go; the ifb sends them on at once.
constexpr std::uint32_t kQueue = 10'000;
constexpr int kDrainPollMs = 10;

MarkMatch mark_of(std::uint32_t band) {
  return {.value = band << kSlotShift, .mask = kSlotMask};
}

bool is_as_planned(const Qdisc& qdisc, const NetemSetting& setting) {
  return qdisc.delay == setting.delay && qdisc.jitter == setting.jitter &&
         qdisc.limit == setting.limit;
}

DelayCounters counters_of(const std::vector<Qdisc>& qdiscs) {
  DelayCounters counters;
  for (const Qdisc& qdisc : qdiscs) {
    if (!TrafficControl::band_of(qdisc)) continue;
    counters.sent += qdisc.packets;
    counters.dropped += qdisc.dropped;
    counters.waiting += qdisc.waiting;
  }
  return counters;
}

}  // namespace

std::string netem_link(pid_t agent) {
  return std::string(kLinkPrefix) + std::to_string(agent);
}

std::string netem_text(const std::string& link) {
  return std::string(kText) + link;
}

Result<std::string> parse_netem_text(const std::string& text) {
  const bool is_ours = text.starts_with(std::string(kText) + std::string(kLinkPrefix));
  if (is_ours) return text.substr(kText.size());
  return Error{Errc::kInvalid, "'" + text + "' names no netem of ours"};
}

Result<> remove_netem(const std::string& link, Duration patience) {
  Netlink netlink = TRY(Netlink::open());
  if (!netlink.link(link).ok()) return {};
  TrafficControl traffic = TRY(TrafficControl::open());
  TRY(unhook_netem(netlink, traffic, link));
  const MonoTime until = system_clock().mono() + patience;
  while (!is_drained(netlink, traffic, link).value_or(true)) {
    if (system_clock().mono() > until) break;  // nobody waits for these packets any more
    (void)::poll(nullptr, 0, kDrainPollMs);
  }
  return netlink.remove_link(link);
}

NetemDelay::NetemDelay(Fd netns) : netns_(std::move(netns)), name_(netem_link(::getpid())) {}

std::string NetemDelay::residue() const {
  return netem_text(name_);
}

Result<> NetemDelay::remove_residue(const std::string& residue) {
  const std::string link = TRY(parse_netem_text(residue));
  const NetnsScope scope = TRY(NetnsScope::enter(netns_));
  return remove_netem(link, kNetemPatience);
}

Result<> NetemDelay::start(Netlink& netlink, TrafficControl& traffic) {
  TRY(netlink.add_ifb(name_));
  const auto fill = [&]() -> Result<> {
    TRY(netlink.set_alias(name_, to_alias({})));
    TRY(netlink.set_queue_length(name_, kQueue));
    TRY(traffic.put_bands(name_));
    TRY(netlink.set_up(name_));
    index_ = TRY(netlink.link(name_)).index;
    return {};
  };
  const Result<> filled = fill();
  if (!filled.ok()) (void)netlink.remove_link(name_);  // nothing has been sent there yet
  return filled;
}

// A band that is needed no more lets new packets through at once, and the old ones at their time.
Result<> NetemDelay::put_bands(TrafficControl& traffic, const NetemPlan& plan) {
  for (auto& [band, setting] : plan_) {
    if (plan.contains(band)) continue;
    const NetemSetting idle{.limit = setting.limit};
    if (setting == idle) continue;
    TRY(traffic.put_netem(name_, band, idle));
    setting = idle;
  }
  for (const auto& [band, setting] : plan) {
    const auto known = plan_.find(band);
    if (known != plan_.end() && known->second == setting) continue;
    TRY(traffic.put_netem(name_, band, setting));
    if (bands_.insert(band).second) TRY(traffic.put_band_filter(name_, band, mark_of(band)));
    plan_[band] = setting;
  }
  return {};
}

Result<std::set<int>> NetemDelay::links_towards(Netlink& netlink) const {
  std::set<int> links;
  for (const DelayRow& row : rows_) {
    for (const auto* texts : {&row.ipv4, &row.ipv6}) {
      for (const std::string& ip : *texts) {
        const Result<int> link = netlink.link_towards(ip);
        if (link.ok()) links.insert(*link);  // else no way there now: nothing will be sent
      }
    }
  }
  return links;
}

Result<> NetemDelay::set(const std::vector<DelayRow>& rows) {
  const NetemPlan plan = TRY(plan_netem(rows));
  Netlink netlink = TRY(Netlink::open(netns_));
  TrafficControl traffic = TRY(TrafficControl::open(netns_));
  const bool is_new = index_ == 0;
  if (is_new) TRY(start(netlink, traffic));
  if (rows_.empty()) before_ = counters_of(TRY(our_qdiscs()));
  const std::vector<DelayRow> old = std::exchange(rows_, rows);
  const auto change = [&]() -> Result<> {
    TRY(put_bands(traffic, plan));
    const std::set<int> links = TRY(links_towards(netlink));
    for (const int link : links) {
      if (hooks_.contains(link)) continue;
      hooks_[link] = TRY(hook_netem(netlink, traffic, name_, link));
    }
    return {};
  };
  const Result<> changed = change();
  if (changed.ok()) return {};
  rows_ = old;
  if (!rows_.empty()) return changed;
  // Nothing was steered: what was waiting before keeps its link until it has left.
  (void)release();
  (void)is_gone();
  return changed;
}

// The lease is in the sets that mark packets.
void NetemDelay::extend(const FaultId& /*fault*/, BootTime /*expiry*/) {}

Result<std::vector<Qdisc>> NetemDelay::our_qdiscs() {
  if (index_ == 0) return Error{Errc::kNotFound, "there is no netem"};
  return TRY(TrafficControl::open(netns_)).qdiscs(index_);
}

Result<> NetemDelay::check() {
  if (index_ == 0 || rows_.empty()) return Error{Errc::kIo, "there is no netem"};
  const Error changed{Errc::kIo, "somebody has changed or removed our netem, link " + name_};
  Netlink netlink = TRY(Netlink::open(netns_));
  TrafficControl traffic = TRY(TrafficControl::open(netns_));
  const Result<Link> link = netlink.link(name_);
  if (!link.ok() || link->index != index_ || !link->is_up) return changed;
  std::size_t as_planned = 0;
  for (const Qdisc& qdisc : TRY(traffic.qdiscs(index_))) {
    const auto band = plan_.find(TrafficControl::band_of(qdisc).value_or(0));
    as_planned += band != plan_.end() && is_as_planned(qdisc, band->second);
  }
  if (as_planned != plan_.size()) return changed;
  for (const int towards : TRY(links_towards(netlink))) {
    if (!hooks_.contains(towards)) {
      return Error{Errc::kIo, "packets leave through another link now than when netem was set"};
    }
    if (!TRY(is_hooked(traffic, towards, index_))) return changed;
  }
  return {};
}

Result<> NetemDelay::release() {
  rows_.clear();
  if (index_ == 0) return {};
  Netlink netlink = TRY(Netlink::open(netns_));
  TrafficControl traffic = TRY(TrafficControl::open(netns_));
  TRY(unhook_netem(netlink, traffic, name_, hooks_));
  hooks_.clear();
  return {};
}

Result<bool> NetemDelay::is_gone() {
  if (index_ == 0) return true;
  if (!rows_.empty()) return false;
  Netlink netlink = TRY(Netlink::open(netns_));
  TrafficControl traffic = TRY(TrafficControl::open(netns_));
  const Result<bool> drained = is_drained(netlink, traffic, name_);
  const bool is_away = !drained.ok() && drained.error().code == Errc::kNotFound;
  if (!is_away && !TRY(drained)) return false;
  TRY(netlink.remove_link(name_));
  index_ = 0;
  plan_.clear();
  bands_.clear();
  return true;
}

std::map<FaultId, DelaySpec> NetemDelay::carried() {
  std::map<FaultId, DelaySpec> carried;
  if (!check().ok()) return carried;
  for (const DelayRow& row : rows_) carried[row.fault] = row.delay;
  return carried;
}

Result<DelayCounters> NetemDelay::counters() {
  DelayCounters counters = counters_of(TRY(our_qdiscs()));
  counters.sent -= std::min(counters.sent, before_.sent);
  counters.dropped -= std::min(counters.dropped, before_.dropped);
  return counters;
}

}  // namespace squall
