// From libnftables' JSON to a NetworkState.
#include "agent/planes/network_readback.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace squall {
namespace {

constexpr std::size_t kQuotedBytes = 200;

using Json = nlohmann::json;

// An element is "1.2.3.4", or {"elem": {"val": "1.2.3.4", "timeout": 5, "expires": 3}}.
std::set<std::string> elements_of(const Json& set) {
  std::set<std::string> elements;
  const auto list = set.find("elem");
  if (list == set.end()) return elements;
  for (const Json& item : *list) {
    const Json& value = item.is_object() && item.contains("elem") ? item["elem"]["val"] : item;
    elements.insert(value.is_string() ? value.get<std::string>() : value.dump());
  }
  return elements;
}

// The set whose members a rule drops, "f_cut_v4", or "".
std::string dropped_set(const Json& rule) {
  std::string name;
  bool is_drop = false;
  for (const Json& part : rule.value("expr", Json::array())) {
    is_drop = is_drop || part.contains("drop");
    if (!part.contains("match")) continue;
    const Json& right = part["match"]["right"];
    if (right.is_string() && right.get<std::string>().starts_with('@')) {
      name = right.get<std::string>().substr(1);
    }
  }
  return is_drop ? name : "";
}

struct Listing {
  std::map<std::string, std::set<std::string>> sets;
  std::map<std::string, std::uint64_t> counters;
  std::set<std::string> dropped;

  [[nodiscard]] std::set<std::string> cut_off(const std::string& set) const {
    const auto found = sets.find(set);
    return found == sets.end() || !dropped.contains(set) ? std::set<std::string>() : found->second;
  }
  [[nodiscard]] std::uint64_t count(const std::string& counter) const {
    const auto found = counters.find(counter);
    return found == counters.end() ? 0 : found->second;
  }
};

void take(const Json& item, Listing& listing) {
  if (const auto set = item.find("set"); set != item.end()) {
    listing.sets[set->value("name", "")] = elements_of(*set);
  } else if (const auto counter = item.find("counter"); counter != item.end()) {
    listing.counters[counter->value("name", "")] = counter->value("packets", std::uint64_t{0});
  } else if (const auto rule = item.find("rule"); rule != item.end()) {
    if (const std::string name = dropped_set(*rule); !name.empty()) listing.dropped.insert(name);
  }
}

void add_fault(const Listing& listing, const FaultId& fault, const std::string& symbol,
               NetworkReadback& readback) {
  FaultDrop drop{.fault = fault,
                 .ipv4 = listing.cut_off(symbol + "_v4"),
                 .ipv6 = listing.cut_off(symbol + "_v6")};
  if (!drop.ipv4.empty() || !drop.ipv6.empty()) readback.state.drops.push_back(std::move(drop));
  readback.counters[fault] = {.packets = listing.count(symbol + "_packets"),
                              .probes = listing.count(symbol + "_probes")};
  const auto lease = listing.sets.find(symbol + "_lease");
  if (lease != listing.sets.end() && !lease->second.empty()) readback.armed.insert(fault);
}

Result<> take_document(std::string_view json, Listing& listing) {
  const Json parsed = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object() || !parsed.contains("nftables")) {
    return Error{Errc::kIo, "libnftables answered '" + std::string(json.substr(0, kQuotedBytes)) +
                                "', which is not its JSON"};
  }
  for (const Json& item : parsed["nftables"]) take(item, listing);
  return {};
}

}  // namespace

std::string nft_listing(const NetworkTable& table) {
  const std::string name = "inet " + table.name;
  return "list chain " + name + " incoming\nlist sets table " + name + "\nlist counters table " +
         name;
}

Result<NetworkReadback> parse_readback(std::string_view json, const NetworkState& known) {
  Listing listing;
  do {
    const std::size_t end = std::min(json.find('\n'), json.size());
    TRY(take_document(json.substr(0, end), listing));
    json.remove_prefix(std::min(end + 1, json.size()));
  } while (!json.empty());
  NetworkReadback readback;
  std::set<std::string> expected;
  for (const FaultDrop& drop : known.drops) {
    const std::string symbol = nft_symbol(drop.fault);
    expected.insert(symbol);
    add_fault(listing, drop.fault, symbol, readback);
  }
  constexpr std::string_view kSuffix = "_lease";
  for (const auto& [name, elements] : listing.sets) {
    if (!name.ends_with(kSuffix)) continue;
    const std::string symbol = name.substr(0, name.size() - kSuffix.size());
    if (!expected.contains(symbol)) add_fault(listing, FaultId(symbol), symbol, readback);
  }
  return readback;
}

}  // namespace squall
