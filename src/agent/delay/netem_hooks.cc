// Redirects at the egress of other links.
#include "agent/delay/netem_hooks.h"

#include <charconv>
#include <sstream>

#include "agent/planes/network_transaction.h"

namespace squall {
namespace {

constexpr std::string_view kAlias = "squall: egress of";
constexpr std::string_view kMade = "+clsact";
// The kernel keeps 255 bytes.
constexpr std::size_t kMaxAlias = 255;
constexpr std::uint32_t kPriority = 5354;
constexpr MarkMatch kSteered{kSteerMark, kSteerMark};

bool is_ours(const HookFilter& filter) {
  return filter.is_egress && filter.priority == kPriority && filter.kind == "fw";
}

Error unsupported(int link, const std::string& what) {
  return {Errc::kUnsupported, "netem at link " + std::to_string(link) + ": " + what};
}

Result<bool> has_clsact(TrafficControl& traffic, int link) {
  for (const Qdisc& qdisc : TRY(traffic.qdiscs(link))) {
    if (qdisc.kind == "clsact") return true;
    if (qdisc.kind == "ingress") return unsupported(link, "its qdisc 'ingress' excludes clsact");
  }
  return false;
}

Result<> absence_is_fine(Result<> done) {
  if (!done.ok() && done.error().code == Errc::kNotFound) return {};
  return done;
}

Result<> unhook(TrafficControl& traffic, int link, const NetemHook& hook) {
  TRY(traffic.remove_redirect(link, kPriority));
  if (!hook.makes_clsact || !TRY(traffic.hook_filters(link)).empty()) return {};
  return traffic.remove_clsact(link);
}

}  // namespace

std::string to_alias(const NetemHooks& hooks) {
  std::string text(kAlias);
  for (const auto& [link, hook] : hooks) {
    text += " " + std::to_string(link);
    if (hook.makes_clsact) text += kMade;
  }
  return text;
}

NetemHooks parse_alias(const std::string& alias) {
  NetemHooks hooks;
  if (!alias.starts_with(kAlias)) return hooks;
  std::istringstream words(alias.substr(kAlias.size()));
  for (std::string word; words >> word;) {
    int link = 0;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), link);
    if (read.ec == std::errc()) hooks[link] = {.makes_clsact = word.ends_with(kMade)};
  }
  return hooks;
}

Result<NetemHooks> read_hooks(Netlink& netlink, const std::string& name) {
  const Result<Link> link = netlink.link(name);
  if (!link.ok() && link.error().code == Errc::kNotFound) return NetemHooks();
  return parse_alias(TRY(link).alias);
}

Result<NetemHook> hook_netem(Netlink& netlink, TrafficControl& traffic, const std::string& name,
                             int link) {
  const int ours = TRY(netlink.link(name)).index;
  NetemHooks hooks = TRY(read_hooks(netlink, name));
  const bool has_hooks = TRY(has_clsact(traffic, link));
  for (const HookFilter& filter : TRY(traffic.hook_filters(link))) {
    // A packet that one of these sends away or lets pass would never meet ours.
    if (filter.is_egress) {
      return unsupported(link, "a '" + filter.kind + "' filter of somebody else is at its egress");
    }
  }
  hooks[link] = {.makes_clsact = !has_hooks};
  const std::string alias = to_alias(hooks);
  if (alias.size() > kMaxAlias) return unsupported(link, "too many links at once");
  TRY(netlink.set_alias(name, alias));  // before the first change that it undoes
  if (!has_hooks) TRY(traffic.add_clsact(link));
  TRY(traffic.add_redirect(link, kPriority, kSteered, ours));
  return hooks[link];
}

Result<> unhook_netem(Netlink& netlink, TrafficControl& traffic, const std::string& name,
                      const NetemHooks& known) {
  NetemHooks hooks = TRY(read_hooks(netlink, name));
  hooks.insert(known.begin(), known.end());
  if (hooks.empty()) return {};
  for (const auto& [link, hook] : hooks) {
    // A link that is gone has taken everything along.
    TRY(absence_is_fine(unhook(traffic, link, hook)));
  }
  return absence_is_fine(netlink.set_alias(name, to_alias({})));
}

Result<bool> is_hooked(TrafficControl& traffic, int link, int our_index) {
  for (const HookFilter& filter : TRY(traffic.hook_filters(link))) {
    if (is_ours(filter) && filter.redirects_to == our_index) return true;
  }
  return false;
}

Result<bool> is_drained(Netlink& netlink, TrafficControl& traffic, const std::string& name) {
  const Link link = TRY(netlink.link(name));
  for (const Qdisc& qdisc : TRY(traffic.qdiscs(link.index))) {
    if (qdisc.waiting > 0) return false;
  }
  return TRY(netlink.packets_inside(name)) == 0;
}

}  // namespace squall
