// Numbers regions and nodes.
#include "arena/lab_plan.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace squall {
namespace {

// HOST_NAME_MAX less one, and what a DNS label allows.
constexpr std::size_t kMaxHostName = 63;

bool is_host_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  return !name.empty() && name.size() <= kMaxHostName && name.front() != '.' &&
         name.front() != '-' && name.find_first_not_of(kAllowed) == std::string_view::npos;
}

LabRegion make_region(const std::string& name, std::size_t index) {
  const std::string number = std::to_string(index + 1);
  const std::string base4 = "198.18." + number + ".";
  // Decimal digits read as hexadecimal: still unique, and easy to compare by eye with IPv4.
  const std::string base6 = "fd00:198:18:" + number + "::";
  return LabRegion{.name = name,
                   .bridge = "squall-r" + number,
                   .prefix4 = base4 + "0/24",
                   .prefix6 = base6 + "/64",
                   .gateway4 = base4 + "254",
                   .gateway6 = base6 + "254"};
}

std::optional<std::size_t> index_of(const LabPlan& plan, const std::string& region) {
  for (std::size_t i = 0; i < plan.regions.size(); ++i) {
    if (plan.regions[i].name == region) return i;
  }
  return std::nullopt;
}

std::size_t region_index(LabPlan& plan, const std::string& region) {
  if (const auto known = index_of(plan, region)) return *known;
  plan.regions.push_back(make_region(region, plan.regions.size()));
  return plan.regions.size() - 1;
}

LabNode make_node(const NodeName& name, std::size_t region, std::size_t index) {
  const std::string net = std::to_string(region + 1);
  const std::string host = std::to_string(index + 1);
  return LabNode{.name = name,
                 .region = region,
                 .addresses = {.ipv4 = "198.18." + net + "." + host,
                               .ipv6 = "fd00:198:18:" + net + "::" + host},
                 .veth = "squall-v" + host};
}

Result<> check_limits(const Topology& topology, const LabPlan& plan) {
  if (topology.nodes.empty()) return Error{Errc::kInvalid, "the topology has no nodes"};
  if (plan.nodes.size() > kMaxNodes) {
    return Error{Errc::kInvalid, "a lab has at most " + std::to_string(kMaxNodes) + " nodes"};
  }
  if (plan.regions.size() > kMaxRegions) {
    return Error{Errc::kInvalid, "a lab has at most " + std::to_string(kMaxRegions) + " regions"};
  }
  return {};
}

}  // namespace

Result<LabPlan> plan_lab(const Topology& topology, bool has_baseline) {
  LabPlan plan;
  for (const std::string& region : topology.regions) (void)region_index(plan, region);
  for (const NodeSpec& node : topology.nodes) {
    if (!is_host_name(node.name.get())) {
      return Error{Errc::kInvalid, "'" + node.name.get() + "' is not a host name"};
    }
    const std::size_t region = region_index(plan, node.region);
    plan.nodes.push_back(make_node(node.name, region, plan.nodes.size()));
    if (!plan.addresses.emplace(node.name.get(), plan.nodes.back().addresses).second) {
      return Error{Errc::kInvalid, "node '" + node.name.get() + "' is there twice"};
    }
  }
  TRY(check_limits(topology, plan));
  if (!has_baseline) return plan;
  for (const auto& [names, delay] : topology.delay) {
    const auto from = index_of(plan, names.first);
    const auto to = index_of(plan, names.second);
    if (!from || !to || from == to || delay <= Duration::zero()) continue;
    plan.delay[{.from = *from, .to = *to}] = delay;
  }
  return plan;
}

std::string hosts_file(const LabPlan& plan) {
  std::string text = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n";
  for (const LabNode& node : plan.nodes) {
    text += node.addresses.ipv4 + " " + node.name.get() + "\n";
    text += node.addresses.ipv6 + " " + node.name.get() + "\n";
  }
  return text;
}

}  // namespace squall
