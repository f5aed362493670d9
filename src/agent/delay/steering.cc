// Rules by mark, default routes by table.
#include "agent/delay/steering.h"

#include <charconv>
#include <string_view>

#include "agent/planes/network_transaction.h"

namespace squall {
namespace {

// Above every process id (at most 2^22), and far from the small numbers that people choose.
constexpr std::uint32_t kFirstTable = 1U << 30U;
// After the local table (0), before the main one (32766).
constexpr std::uint32_t kPriority = 5354;
constexpr std::string_view kText = "routing rules for table ";

PolicyRule rule_for(std::uint32_t table, IpFamily family) {
  return {.family = family,
          .priority = kPriority,
          .table = table,
          .iif = "",
          .from = "",
          .to = "",
          .mark = kSteerMark,
          .mark_mask = kSteerMark};
}

}  // namespace

std::uint32_t steering_table(pid_t agent) {
  return kFirstTable + static_cast<std::uint32_t>(agent);
}

Result<> put_steering(Netlink& netlink, std::uint32_t table, const std::string& link) {
  for (const char* everything : {"0.0.0.0/0", "::/0"}) {
    TRY(netlink.put_route(
        {.to = everything, .via = "", .link = link, .table = table, .metric = 1}));
  }
  for (const IpFamily family : kBothFamilies) TRY(netlink.put_rule(rule_for(table, family)));
  return {};
}

Result<> remove_steering(Netlink& netlink, std::uint32_t table) {
  for (const IpFamily family : kBothFamilies) TRY(netlink.remove_rule(rule_for(table, family)));
  return {};
}

std::string steering_text(std::uint32_t table) {
  return std::string(kText) + std::to_string(table);
}

Result<std::uint32_t> parse_steering_text(const std::string& text) {
  std::uint32_t table = 0;
  const char* end = text.data() + text.size();
  if (text.starts_with(kText) &&
      std::from_chars(text.data() + kText.size(), end, table).ptr == end && table >= kFirstTable) {
    return table;
  }
  return Error{Errc::kInvalid, "'" + text + "' names no routing rules of ours"};
}

}  // namespace squall
