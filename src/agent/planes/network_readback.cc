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

// What a rule does, as far as we write rules.
struct RuleReading {
  std::string chain;
  std::string set;         // it applies to members of this set, "f_cut_v4"; or ""
  std::string jumps;       // the chain it jumps to, or ""
  std::string dice;        // "<" or ">=": it applies by chance; or ""
  std::uint32_t odds = 0;  // in millionths
  bool is_drop = false;
  bool is_mark = false;
};

void take_match(const Json& match, RuleReading& rule) {
  const Json& right = match["right"];
  if (right.is_string() && right.get<std::string>().starts_with('@')) {
    rule.set = right.get<std::string>().substr(1);
  }
  if (match["left"].is_object() && match["left"].contains("numgen") && right.is_number_unsigned()) {
    rule.dice = match.value("op", "");
    rule.odds = right.get<std::uint32_t>();
  }
}

RuleReading reading_of(const Json& json) {
  RuleReading rule;
  rule.chain = json.value("chain", "");
  for (const Json& part : json.value("expr", Json::array())) {
    rule.is_drop |= part.contains("drop");
    rule.is_mark |= part.contains("mangle");
    if (part.contains("jump")) rule.jumps = part["jump"].value("target", "");
    if (part.contains("match")) take_match(part["match"], rule);
  }
  return rule;
}

struct Listing {
  std::map<std::string, std::set<std::string>> sets;
  std::map<std::string, std::uint64_t> counters;
  std::vector<RuleReading> rules;

  // The members of `set`, if a rule of `chain` that satisfies `does` applies to them.
  template <typename Does>
  [[nodiscard]] std::set<std::string> members_if(const std::string& set, const std::string& chain,
                                                 Does&& does) const {
    const auto found = sets.find(set);
    if (found == sets.end()) return {};
    for (const RuleReading& rule : rules) {
      if (rule.chain == chain && rule.set == set && does(rule)) return found->second;
    }
    return {};
  }
  template <typename Does>
  [[nodiscard]] FaultPeers peers_if(const FaultId& fault, const std::string& symbol,
                                    const std::string& chain, Does&& does) const {
    return {.fault = fault,
            .ipv4 = members_if(symbol + "_v4", chain, does),
            .ipv6 = members_if(symbol + "_v6", chain, does)};
  }
  // The odds of the dice in a chain, certainty where there are none.
  [[nodiscard]] std::uint32_t odds(const std::string& chain, std::string_view dice) const {
    for (const RuleReading& rule : rules) {
      if (rule.chain == chain && rule.dice == dice) return rule.odds;
    }
    return kMillion;
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
    listing.rules.push_back(reading_of(*rule));
  }
}

bool is_of_somebody(const FaultPeers& peers) {
  return !peers.ipv4.empty() || !peers.ipv6.empty();
}

void add_counters(const Listing& listing, const FaultId& fault, const std::string& symbol,
                  PacketFate fate, NetworkReadback& readback) {
  PacketCounters& counters = readback.counters[fault];
  counters.fate = fate;
  counters.packets = listing.count(symbol + "_packets");
  counters.probes = listing.count(symbol + "_probes");
}

void add_drop(const Listing& listing, const FaultId& fault, const std::string& symbol,
              NetworkReadback& readback) {
  FaultPeers drop = listing.peers_if(fault, symbol, "incoming",
                                     [](const RuleReading& rule) { return rule.is_drop; });
  if (is_of_somebody(drop)) readback.state.drops.push_back(std::move(drop));
  add_counters(listing, fault, symbol, PacketFate::kDropped, readback);
}

// A loss counts its probes among the packets too.
void add_loss(const Listing& listing, const FaultId& fault, const std::string& symbol,
              NetworkReadback& readback) {
  const std::string lose = "lose_" + symbol;
  FaultPeers from = listing.peers_if(fault, symbol, "incoming",
                                     [&](const RuleReading& rule) { return rule.jumps == symbol; });
  const bool is_dropping =
      std::any_of(listing.rules.begin(), listing.rules.end(),
                  [&](const RuleReading& rule) { return rule.chain == lose && rule.is_drop; });
  const LossSpec loss{.enter = listing.odds(symbol, ">="), .leave = listing.odds(lose, "<")};
  if (is_of_somebody(from) && is_dropping) {
    readback.state.losses.push_back({std::move(from), loss});
  }
  PacketCounters& counters = readback.counters[fault];
  counters.fate = PacketFate::kLost;
  counters.probes = listing.count(symbol + "_probes");
  counters.packets = listing.count(symbol + "_packets") - counters.probes;
  counters.lost_probes = listing.count("lost_" + symbol + "_probes");
  counters.lost_packets = listing.count("lost_" + symbol + "_packets") - counters.lost_probes;
}

void add_delay(const Listing& listing, const FaultDelay& known,
               const std::map<FaultId, DelaySpec>& carried, NetworkReadback& readback) {
  const FaultId& fault = known.to.fault;
  const std::string symbol = nft_symbol(fault);
  FaultPeers to = listing.peers_if(fault, symbol, "outgoing",
                                   [](const RuleReading& rule) { return rule.is_mark; });
  add_counters(listing, fault, symbol, PacketFate::kDelayed, readback);
  const auto spec = carried.find(fault);
  if (!is_of_somebody(to) || spec == carried.end()) return;
  readback.state.delays.push_back({std::move(to), spec->second, known.slot});
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

Result<Listing> listing_of(std::string_view json) {
  Listing listing;
  do {
    const std::size_t end = std::min(json.find('\n'), json.size());
    TRY(take_document(json.substr(0, end), listing));
    json.remove_prefix(std::min(end + 1, json.size()));
  } while (!json.empty());
  return listing;
}

// Cuts that nobody told us of: they too have a lease.
void add_strangers(const Listing& listing, const std::set<std::string>& known,
                   NetworkReadback& readback) {
  constexpr std::string_view kSuffix = "_lease";
  for (const auto& [name, elements] : listing.sets) {
    if (!name.ends_with(kSuffix)) continue;
    const std::string symbol = name.substr(0, name.size() - kSuffix.size());
    if (known.contains(symbol)) continue;
    add_drop(listing, FaultId(symbol), symbol, readback);
    if (!elements.empty()) readback.armed.insert(FaultId(symbol));
  }
}

}  // namespace

std::string nft_listing(const NetworkTable& table, const NetworkState& known) {
  const std::string name = "inet " + table.name;
  std::string listing;
  const auto add_chain = [&](const std::string& chain) {
    listing += "list chain " + name + " " + chain + "\n";
  };
  if (known.has_incoming() || known.is_empty()) add_chain("incoming");
  if (!known.delays.empty()) add_chain("outgoing");
  for (const FaultLoss& loss : known.losses) {
    add_chain(nft_symbol(loss.from.fault));
    add_chain("lose_" + nft_symbol(loss.from.fault));
  }
  return listing + "list sets table " + name + "\nlist counters table " + name;
}

Result<NetworkReadback> parse_readback(std::string_view json, const NetworkState& known,
                                       const std::map<FaultId, DelaySpec>& carried) {
  const Listing listing = TRY(listing_of(json));
  NetworkReadback readback;
  std::set<std::string> symbols;
  for (const FaultPeers* peers : known.all()) {
    const std::string symbol = nft_symbol(peers->fault);
    symbols.insert(symbol);
    const auto lease = listing.sets.find(symbol + "_lease");
    if (lease != listing.sets.end() && !lease->second.empty()) readback.armed.insert(peers->fault);
  }
  for (const FaultPeers& drop : known.drops) {
    add_drop(listing, drop.fault, nft_symbol(drop.fault), readback);
  }
  for (const FaultLoss& loss : known.losses) {
    add_loss(listing, loss.from.fault, nft_symbol(loss.from.fault), readback);
  }
  for (const FaultDelay& delay : known.delays) add_delay(listing, delay, carried, readback);
  add_strangers(listing, symbols, readback);
  return readback;
}

}  // namespace squall
