// Policy rules: which packets ask which routing table.
#include <linux/fib_rules.h>
#include <netlink/errno.h>
#include <netlink/route/rule.h>

#include "kernel/netlink.h"
#include "kernel/netlink_socket.h"

namespace squall {
namespace {

using RulePtr = NlPtr<rtnl_rule, rtnl_rule_put>;

std::string describe(const PolicyRule& rule) {
  return "policy rule " + std::to_string(rule.priority) + " for table " +
         std::to_string(rule.table);
}

Result<RulePtr> make_rule(const PolicyRule& rule) {
  if (rule.priority == 0 || rule.table == 0) {
    return Error{Errc::kInvalid, "a policy rule needs a priority and a table"};
  }
  const int family = to_af(rule.family);
  RulePtr result(rtnl_rule_alloc());
  rtnl_rule_set_family(result.get(), family);
  rtnl_rule_set_prio(result.get(), rule.priority);
  rtnl_rule_set_table(result.get(), rule.table);
  rtnl_rule_set_action(result.get(), FR_ACT_TO_TBL);
  if (!rule.iif.empty()) {
    TRY(nl_result(rtnl_rule_set_iif(result.get(), rule.iif.c_str()), "link '" + rule.iif + "'"));
  }
  if (!rule.from.empty()) {
    const NlAddress from = TRY(parse_address(rule.from, family));
    TRY(nl_result(rtnl_rule_set_src(result.get(), from.get()), "from " + rule.from));
  }
  if (!rule.to.empty()) {
    const NlAddress to = TRY(parse_address(rule.to, family));
    TRY(nl_result(rtnl_rule_set_dst(result.get(), to.get()), "to " + rule.to));
  }
  if (rule.mark_mask != 0) {
    rtnl_rule_set_mark(result.get(), rule.mark);
    rtnl_rule_set_mask(result.get(), rule.mark_mask);
  }
  return result;
}

PolicyRule to_rule(rtnl_rule* rule) {
  PolicyRule result;
  result.family = rtnl_rule_get_family(rule) == AF_INET6 ? IpFamily::kV6 : IpFamily::kV4;
  result.priority = rtnl_rule_get_prio(rule);
  result.table = rtnl_rule_get_table(rule);
  const char* iif = rtnl_rule_get_iif(rule);
  result.iif = iif == nullptr ? "" : iif;
  result.from = to_prefix_text(rtnl_rule_get_src(rule));
  result.to = to_prefix_text(rtnl_rule_get_dst(rule));
  result.mark = rtnl_rule_get_mark(rule);
  result.mark_mask = rtnl_rule_get_mask(rule);
  return result;
}

}  // namespace

Result<> Netlink::put_rule(const PolicyRule& rule) {
  const std::string attempt = "put " + describe(rule);
  const RulePtr request = TRY(make_rule(rule).in(attempt));
  // Without NLM_F_EXCL the kernel adds a second rule equal to the first.
  const int code = rtnl_rule_add(socket_->handle.get(), request.get(), NLM_F_CREATE | NLM_F_EXCL);
  if (code == -NLE_EXIST) return {};
  return socket_->answer(code, attempt);
}

Result<> Netlink::remove_rule(const PolicyRule& rule) {
  const std::string attempt = "remove " + describe(rule);
  const RulePtr request = TRY(make_rule(rule).in(attempt));
  return absence_is_success(
      socket_->answer(rtnl_rule_delete(socket_->handle.get(), request.get(), 0), attempt));
}

Result<std::vector<PolicyRule>> Netlink::rules() {
  nl_cache* raw = nullptr;
  // libnl 3.7 asks for all families whatever it is told.
  TRY(socket_->answer(rtnl_rule_alloc_cache(socket_->handle.get(), AF_UNSPEC, &raw),
                      "list policy rules"));
  const NlCache cache(raw);
  std::vector<PolicyRule> result;
  for (nl_object* row = nl_cache_get_first(raw); row != nullptr; row = nl_cache_get_next(row)) {
    result.push_back(to_rule(reinterpret_cast<rtnl_rule*>(row)));
  }
  return result;
}

}  // namespace squall
