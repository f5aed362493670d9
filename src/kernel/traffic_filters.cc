// Filters by mark: linux/net/sched/cls_api.c, cls_fw.c, act_mirred.c, act_skbedit.c.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_skbedit.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <array>

#include "kernel/netlink_socket.h"
#include "kernel/traffic_request.h"

namespace squall {
namespace {

constexpr std::uint32_t kEgress = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS);
constexpr std::uint32_t kIngress = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
constexpr std::uint32_t kBandFilterPriority = 1;
constexpr int kFirstAction = 1;

tcmsg filter_head(int link_index, std::uint32_t parent, std::uint32_t priority,
                  std::uint32_t handle) {
  tcmsg head{};
  head.tcm_family = AF_UNSPEC;
  head.tcm_ifindex = link_index;
  head.tcm_parent = parent;
  head.tcm_handle = handle;
  head.tcm_info = TC_H_MAKE(priority << 16U, htons(ETH_P_ALL));
  return head;
}

Result<> kind_is_missing(Result<> answer) {
  if (answer.ok() || answer.error().code != Errc::kNotFound) return answer;
  return Error{Errc::kUnsupported,
               answer.error().what + " (this kernel lacks cls_fw, act_mirred or act_skbedit)"};
}

int redirect_of(nlattr* actions) {
  std::array<nlattr*, kFirstAction + 1> list{};
  std::array<nlattr*, TCA_ACT_MAX + 1> action{};
  std::array<nlattr*, TCA_MIRRED_MAX + 1> mirred{};
  if (nla_parse_nested(list.data(), kFirstAction, actions, nullptr) < 0) return 0;
  if (list[kFirstAction] == nullptr) return 0;
  if (nla_parse_nested(action.data(), TCA_ACT_MAX, list[kFirstAction], nullptr) < 0) return 0;
  if (action[TCA_ACT_KIND] == nullptr || action[TCA_ACT_OPTIONS] == nullptr) return 0;
  if (std::string(nla_get_string(action[TCA_ACT_KIND])) != "mirred") return 0;
  if (nla_parse_nested(mirred.data(), TCA_MIRRED_MAX, action[TCA_ACT_OPTIONS], nullptr) < 0) {
    return 0;
  }
  if (mirred[TCA_MIRRED_PARMS] == nullptr) return 0;
  return static_cast<int>(
      static_cast<const tc_mirred*>(nla_data(mirred[TCA_MIRRED_PARMS]))->ifindex);
}

HookFilter to_filter(const tcmsg& head, nlmsghdr* message) {
  HookFilter filter;
  filter.priority = TC_H_MAJ(head.tcm_info) >> 16U;
  filter.handle = head.tcm_handle;
  std::array<nlattr*, TCA_MAX + 1> parts{};
  std::array<nlattr*, TCA_FW_MAX + 1> options{};
  if (nlmsg_parse(message, sizeof head, parts.data(), TCA_MAX, nullptr) < 0) return filter;
  if (parts[TCA_KIND] != nullptr) filter.kind = nla_get_string(parts[TCA_KIND]);
  if (filter.kind != "fw" || parts[TCA_OPTIONS] == nullptr) return filter;
  if (nla_parse_nested(options.data(), TCA_FW_MAX, parts[TCA_OPTIONS], nullptr) < 0) return filter;
  if (options[TCA_FW_ACT] != nullptr) filter.redirects_to = redirect_of(options[TCA_FW_ACT]);
  return filter;
}

}  // namespace

Result<> TrafficControl::put_band_filter(const std::string& link, std::uint32_t band,
                                         MarkMatch mark) {
  CHECK(band < kBands);
  const int index = TRY(netlink_.socket_->index_of(link));
  std::uint32_t root = 0;
  for (const Qdisc& qdisc : TRY(qdiscs(index))) {
    if (qdisc.kind == "prio" && qdisc.parent == TC_H_ROOT) root = qdisc.handle;
  }
  if (root == 0) return Error{Errc::kNotFound, "link '" + link + "' has no bands"};
  Request request(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL,
                  filter_head(index, root, kBandFilterPriority, mark.value));
  request.put_text(TCA_KIND, "fw");
  request.nest(TCA_OPTIONS, [&] {
    request.put(TCA_FW_CLASSID, std::uint32_t{root + band + 1});
    request.put(TCA_FW_MASK, mark.mask);
    request.nest(TCA_FW_ACT, [&] {
      request.nest(kFirstAction, [&] {
        request.put_text(TCA_ACT_KIND, "skbedit");
        request.nest(TCA_ACT_OPTIONS, [&] {
          tc_skbedit edit{};
          edit.action = TC_ACT_OK;
          request.put(TCA_SKBEDIT_PARMS, edit);
          request.put(TCA_SKBEDIT_MARK, std::uint32_t{0});
          request.put(TCA_SKBEDIT_MASK, mark.mask);
        });
      });
    });
  });
  return kind_is_missing(send(std::move(request), "put a filter on link '" + link + "'"));
}

Result<> TrafficControl::add_redirect(int link_index, std::uint32_t priority, MarkMatch mark,
                                      int target_index) {
  Request request(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL,
                  filter_head(link_index, kEgress, priority, mark.value));
  request.put_text(TCA_KIND, "fw");
  request.nest(TCA_OPTIONS, [&] {
    request.put(TCA_FW_MASK, mark.mask);
    request.nest(TCA_FW_ACT, [&] {
      request.nest(kFirstAction, [&] {
        request.put_text(TCA_ACT_KIND, "mirred");
        request.nest(TCA_ACT_OPTIONS, [&] {
          tc_mirred redirect{};
          redirect.action = TC_ACT_STOLEN;
          redirect.eaction = TCA_EGRESS_REDIR;
          redirect.ifindex = static_cast<std::uint32_t>(target_index);
          request.put(TCA_MIRRED_PARMS, redirect);
        });
      });
    });
  });
  return kind_is_missing(send(
      std::move(request), "redirect packets with our mark on link " + std::to_string(link_index)));
}

Result<> TrafficControl::remove_redirect(int link_index, std::uint32_t priority) {
  bool is_there = false;
  for (const HookFilter& filter : TRY(hook_filters(link_index))) {
    is_there |= filter.is_egress && filter.priority == priority;
  }
  if (!is_there) return {};
  Request request(RTM_DELTFILTER, 0, filter_head(link_index, kEgress, priority, 0));
  request.put_text(TCA_KIND, "fw");
  return absence_is_success(
      send(std::move(request), "remove our filter of link " + std::to_string(link_index)));
}

// The kernel says a line for each priority, and then one for each filter in it.
Result<> TrafficControl::list_filters(int link_index, bool is_egress,
                                      std::vector<HookFilter>& filters) {
  const std::uint32_t parent = is_egress ? kEgress : kIngress;
  const Request request(RTM_GETTFILTER, NLM_F_DUMP, filter_head(link_index, parent, 0, 0));
  return list(request, "list filters", [&](const tcmsg& head, nlmsghdr* message) {
    HookFilter filter = to_filter(head, message);
    filter.is_egress = is_egress;
    filters.push_back(std::move(filter));
  });
}

Result<std::vector<HookFilter>> TrafficControl::hook_filters(int link_index) {
  std::vector<HookFilter> filters;
  bool has_hooks = false;
  for (const Qdisc& qdisc : TRY(qdiscs(link_index))) has_hooks |= qdisc.parent == TC_H_CLSACT;
  if (!has_hooks) return filters;
  for (const bool is_egress : {true, false}) TRY(list_filters(link_index, is_egress, filters));
  return filters;
}

}  // namespace squall
