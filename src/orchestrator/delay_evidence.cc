// Requested and achieved, side by side.
#include "orchestrator/delay_evidence.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

namespace squall {
namespace {

constexpr Duration kToleranceMin = std::chrono::milliseconds(4);
constexpr int kToleranceShare = 10;  // one tenth
constexpr double kMedianDeviations = 4;
constexpr double kLossDeviations = 5;
// The sample median of a normal distribution scatters this much more than the mean: sqrt(pi / 2).
constexpr double kMedianFactor = 1.2533;

using Link = std::pair<NodeName, NodeName>;  // from, to

template <typename T>
void keep_every_nth(std::vector<T>& all, std::size_t limit) {
  const std::size_t step = (all.size() + limit - 1) / limit;
  if (step < 2) return;
  std::vector<T> kept;
  for (std::size_t i = 0; i < all.size(); i += step) kept.push_back(std::move(all[i]));
  all = std::move(kept);
}

// Where the effect is a delay of this link, its distribution.
const DelaySpec* delay_on(const TargetedEffect& targeted, const Link& link) {
  const auto* delay = std::get_if<DelayTo>(&targeted.effect);
  if (delay == nullptr || targeted.node != link.first) return nullptr;
  const bool is_peer =
      std::find(delay->peers.begin(), delay->peers.end(), link.second) != delay->peers.end();
  return is_peer ? &delay->delay : nullptr;
}

std::optional<std::uint64_t> count_of(const std::vector<FaultCounter>& counters,
                                      const std::string& what) {
  for (const FaultCounter& counter : counters) {
    if (counter.what == what) return counter.count;
  }
  return std::nullopt;
}

std::optional<EvidenceRow> loss_row(const std::vector<FaultCounter>& counters,
                                    const LossSpec& spec) {
  const auto met = count_of(counters, "packets that met the dice").value_or(0) +
                   count_of(counters, "probes that met the dice").value_or(0);
  const auto lost = count_of(counters, "lost packets").value_or(0) +
                    count_of(counters, "lost probes").value_or(0);
  if (met == 0) return std::nullopt;
  const double asked = probability_of(spec);
  const double share = static_cast<double>(lost) / static_cast<double>(met);
  // Half a packet more: a share of few packets comes in steps.
  const double tolerance = kLossDeviations * share_deviation(spec, static_cast<double>(met)) +
                           1 / static_cast<double>(met);
  EvidenceRow row;
  row.grade = "installed";
  row.what = "share of lost packets";
  row.expected = percent_text(asked) + " ± " + percent_text(tolerance);
  row.observed =
      percent_text(share) + " (" + std::to_string(lost) + " of " + std::to_string(met) + ")";
  row.holds = std::abs(share - asked) <= tolerance;
  return row;
}

}  // namespace

std::vector<DelayedPair> plan_delay_probes(const std::vector<TargetedEffect>& own,
                                           const std::vector<TargetedEffect>& active) {
  std::set<Link> links;
  for (const TargetedEffect& targeted : own) {
    const auto* delay = std::get_if<DelayTo>(&targeted.effect);
    if (delay == nullptr) continue;
    for (const NodeName& peer : delay->peers) links.insert({targeted.node, peer});
  }
  std::vector<DelayedPair> pairs;
  for (const Link& link : links) {
    DelayedPair pair{.probe = {link.first, link.second, false, false}};
    double variance = 0;
    for (const TargetedEffect& targeted : active) {
      const DelaySpec* spec = delay_on(targeted, link);
      if (spec == nullptr) continue;
      pair.median += median_of(*spec);
      variance += std::pow(static_cast<double>(deviation_of(*spec).count()), 2);
      pair.correlation = std::max(pair.correlation, spec->correlation);
    }
    pair.deviation = Duration(std::llround(std::sqrt(variance)));
    pairs.push_back(pair);
    pair.probe.is_ipv6 = true;
    pairs.push_back(pair);
  }
  keep_every_nth(pairs, kMaxDelayedPairs);
  return pairs;
}

std::vector<ProbePair> all_links(const std::vector<NodeName>& nodes) {
  std::vector<ProbePair> pairs;
  for (const NodeName& from : nodes) {
    for (const NodeName& to : nodes) {
      if (from == to) continue;
      for (const bool is_ipv6 : {false, true}) pairs.push_back({from, to, is_ipv6, false});
    }
  }
  return pairs;
}

std::set<Link> touched_links(const std::vector<TargetedEffect>& effects) {
  std::set<Link> links;
  for (const auto& [node, effect] : effects) {
    if (const auto* drop = std::get_if<DropFrom>(&effect)) {
      for (const NodeName& peer : drop->peers) links.insert({peer, node});
    } else if (const auto* lose = std::get_if<LoseFrom>(&effect)) {
      for (const NodeName& peer : lose->peers) links.insert({peer, node});
    } else if (const auto* delay = std::get_if<DelayTo>(&effect)) {
      for (const NodeName& peer : delay->peers) links.insert({node, peer});
    }
  }
  return links;
}

Duration median_of(std::vector<Duration> samples) {
  const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
  std::nth_element(samples.begin(), middle, samples.end());
  return *middle;
}

Duration delay_tolerance(const DelayedPair& pair, std::size_t samples) {
  const double independent =
      static_cast<double>(samples) * (1 - pair.correlation) / (1 + pair.correlation);
  const double scatter =
      kMedianFactor * static_cast<double>(pair.deviation.count()) / std::sqrt(independent);
  return std::max(kToleranceMin, pair.median / kToleranceShare) +
         Duration(std::llround(kMedianDeviations * scatter));
}

EvidenceRow delay_row(const DelayedPair& pair, const std::vector<Duration>& samples,
                      std::size_t sent, Duration before) {
  EvidenceRow row;
  row.grade = "installed";
  row.node = pair.probe.from.get();
  row.what = "added delay " + pair.probe.from.get() + "→" + pair.probe.to.get() +
             (pair.probe.is_ipv6 ? " v6" : " v4");
  const Duration tolerance = delay_tolerance(pair, std::max<std::size_t>(samples.size(), 1));
  row.expected = to_short_text(pair.median) + " ± " + to_short_text(tolerance);
  const std::string how_many =
      " (" + std::to_string(samples.size()) + " of " + std::to_string(sent) + " probes)";
  row.observed = "too few probes came" + how_many;
  if (samples.empty() || 2 * samples.size() < sent) return row;
  const Duration added = median_of(samples) - before;
  row.observed =
      (added < Duration(0) ? "-" : "") + to_short_text(std::chrono::abs(added)) + how_many;
  row.holds = std::chrono::abs(added - pair.median) <= tolerance;
  return row;
}

std::vector<EvidenceRow> counter_rows(const std::vector<FaultCounter>& counters,
                                      const std::vector<TargetedEffect>& effects,
                                      const NodeName& node) {
  std::vector<EvidenceRow> rows;
  for (const FaultCounter& counter : counters) {
    const bool is_denominator = counter.what == "packets that met the dice";
    if (is_denominator || counter.what.find("probes") != std::string::npos) continue;
    const bool is_unwanted = counter.what == "packets lost while they waited";
    EvidenceRow row;
    row.grade = is_unwanted ? "installed" : "exercised";
    row.what = counter.what;
    row.expected = is_unwanted ? "0" : "at least 1";
    row.observed = std::to_string(counter.count);
    row.holds = is_unwanted == (counter.count == 0);
    rows.push_back(std::move(row));
  }
  for (const TargetedEffect& targeted : effects) {
    const auto* lose = std::get_if<LoseFrom>(&targeted.effect);
    if (lose == nullptr || targeted.node != node) continue;
    if (auto row = loss_row(counters, lose->loss)) rows.push_back(std::move(*row));
  }
  for (EvidenceRow& row : rows) row.node = node.get();
  return rows;
}

}  // namespace squall
