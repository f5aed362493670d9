// Probes through the agents.
#include "orchestrator/prober.h"

#include <map>
#include <set>
#include <thread>

#include "orchestrator/pause.h"

namespace squall {
namespace {

constexpr std::size_t kBursts = 5;
constexpr std::size_t kBurstSize = 4;
constexpr Duration kBetweenBursts = std::chrono::milliseconds(10);

std::string numbered(const ProbeRound& round, std::size_t pair, std::size_t sample) {
  return std::to_string(round.number) + "-" + std::to_string(pair) + "-" + std::to_string(sample);
}

std::string nonce_of(const ProbeRound& round, std::size_t pair) {
  return std::to_string(round.number) + "-" + std::to_string(pair);
}

// Nonces by the node that sends them, with the address to send to.
std::map<NodeName, std::map<std::string, std::string>> by_sender(
    Arena& arena, const std::vector<ProbePair>& pairs, const ProbeRound& round) {
  std::map<NodeName, std::map<std::string, std::string>> sends;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const NodeAddresses& to = arena.addresses().at(pairs[i].to.get());
    sends[pairs[i].from][nonce_of(round, i)] = pairs[i].is_ipv6 ? to.ipv6 : to.ipv4;
  }
  return sends;
}

std::map<NodeName, std::vector<std::string>> by_receiver(const std::vector<ProbePair>& pairs,
                                                         const ProbeRound& round) {
  std::map<NodeName, std::vector<std::string>> receives;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    receives[pairs[i].to].push_back(nonce_of(round, i));
  }
  return receives;
}

}  // namespace

std::vector<EvidenceRow> run_probes(Arena& arena, const std::vector<ProbePair>& pairs,
                                    const ProbeRound& round, const Clock& clock) {
  std::string trouble;
  for (const auto& [node, probes] : by_sender(arena, pairs, round)) {
    const Result<ProbeTimes> sent = arena.agent(node).send_probes(probes);
    if (!sent) trouble = sent.error().what;
  }
  const auto receives = by_receiver(pairs, round);
  std::map<NodeName, std::set<std::string>> seen;
  std::map<NodeName, std::string> troubles;
  for (const auto& [node, nonces] : receives) {
    seen[node];
    troubles[node];
  }
  {
    std::vector<std::jthread>
        waiters;  // each node waits on its own, so that a round takes one wait
    for (const auto& receive : receives) {
      waiters.emplace_back([&arena, &receive, &round, &arrived = seen[receive.first],
                            &failed = troubles[receive.first]] {
        const Result<ProbeTimes> nonces =
            arena.agent(receive.first).seen_probes(receive.second, round.wait);
        if (nonces) {
          for (const auto& [nonce, at] : *nonces) arrived.insert(nonce);
        }
        if (!nonces) failed = nonces.error().what;
      });
    }
  }
  std::vector<EvidenceRow> rows;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const ProbePair& pair = pairs[i];
    const std::string& failed = troubles[pair.to].empty() ? trouble : troubles[pair.to];
    const bool has_arrived = seen[pair.to].contains(nonce_of(round, i));
    EvidenceRow row{round.fault,
                    "installed",
                    round.moment,
                    pair.to.get(),
                    pair.to_text(),
                    pair.is_cut ? "lost" : "arrived",
                    has_arrived ? "arrived" : "lost"};
    if (!failed.empty()) row.observed = failed;
    row.holds = failed.empty() && has_arrived != pair.is_cut;
    row.at = (clock.mono() - round.run_start).count();
    rows.push_back(std::move(row));
  }
  return rows;
}

OneWayTimes measure_one_way(Arena& arena, const std::vector<ProbePair>& pairs,
                            const ProbeRound& round) {
  constexpr std::size_t kSamples = kBursts * kBurstSize;
  ProbeTimes sent;
  for (std::size_t burst = 0; burst < kBursts; ++burst) {
    std::map<NodeName, std::map<std::string, std::string>> sends;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const NodeAddresses& to = arena.addresses().at(pairs[i].to.get());
      for (std::size_t k = 0; k < kBurstSize; ++k) {
        sends[pairs[i].from][numbered(round, i, burst * kBurstSize + k)] =
            pairs[i].is_ipv6 ? to.ipv6 : to.ipv4;
      }
    }
    for (const auto& [node, probes] : sends) {
      Result<ProbeTimes> times = arena.agent(node).send_probes(probes);
      if (times) sent.merge(*times);
    }
    pause_for(kBetweenBursts);
  }
  std::map<NodeName, std::vector<std::string>> receives;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (std::size_t k = 0; k < kSamples; ++k) {
      receives[pairs[i].to].push_back(numbered(round, i, k));
    }
  }
  ProbeTimes seen;
  for (const auto& [node, nonces] : receives) {
    // One after the other: what comes meanwhile is remembered.
    Result<ProbeTimes> times = arena.agent(node).seen_probes(nonces, round.wait);
    if (times) seen.merge(*times);
  }
  OneWayTimes result{.samples = std::vector<std::vector<Duration>>(pairs.size()), .sent = kSamples};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (std::size_t k = 0; k < kSamples; ++k) {
      const auto from = sent.find(numbered(round, i, k));
      const auto to = seen.find(numbered(round, i, k));
      if (from == sent.end() || to == seen.end()) continue;
      result.samples[i].push_back(to->second - from->second);
    }
  }
  return result;
}

}  // namespace squall
