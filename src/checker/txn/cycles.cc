// Components, level by level, on the part of the graph that has cycles at all.
#include "checker/txn/cycles.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "checker/txn/shortest_cycle.h"

namespace squall {
namespace {

constexpr std::size_t kWitnessComponents = 16;

enum Kind : unsigned { kG0, kG1c, kSingle, kNonadjacent, kG2, kKinds };
enum Suffix : unsigned { kPlain, kProcess, kRealtime, kSuffixes };

constexpr std::array<std::string_view, kKinds> kNames = {"G0", "G1c", "G-single-item",
                                                         "G-nonadjacent-item", "G2-item"};
constexpr std::array<std::string_view, kSuffixes> kSuffixNames = {"", "-process", "-realtime"};
constexpr std::array<Links, kSuffixes> kSuffixLinks = {
    0, links(Link::kProcess), links(Link::kProcess) | links(Link::kRealtime)};

using Levels = std::uint16_t;  // a bit per kind and suffix
constexpr Levels level(unsigned kind, unsigned suffix) {
  return static_cast<Levels>(1U << (suffix * kKinds + kind));
}
// Levels that rule out whatever this one does.
Levels louder(unsigned kind, unsigned suffix) {
  Levels set = 0;
  for (unsigned k = 0; k <= kind; ++k) {
    for (unsigned s = 0; s <= suffix; ++s) set = static_cast<Levels>(set | level(k, s));
  }
  return set;
}

class Classifier {
 public:
  Classifier(Subgraph part, const Budget& budget)
      : part_(std::move(part)),
        budget_(budget),
        levels_(part_.graph.nodes(), 0),
        reached_(part_.graph.nodes(), 0),
        inside_(part_.graph.nodes(), 0) {}

  CycleReport run() {
    for (unsigned suffix = kPlain; suffix < kSuffixes; ++suffix) {
      by_components(kG0, suffix, kWwLinks, links(Link::kWw));
      by_components(kG1c, suffix, kDependencies, links(Link::kWr));
      with_apart_rw(suffix);
      by_components(kG2, suffix, kAllItems, links(Link::kRw));
    }
    std::stable_sort(
        report_.found.begin(), report_.found.end(),
        [](const CycleAnomaly& a, const CycleAnomaly& b) { return rank(a.name) < rank(b.name); });
    return std::move(report_);
  }

 private:
  using Members = std::vector<std::vector<Node>>;

  static std::size_t rank(std::string_view name) {
    for (std::size_t kind = kKinds; kind-- > 0;) {
      if (name.starts_with(kNames[kind])) return kind;
    }
    return kKinds;
  }

  [[nodiscard]] bool is_stopped() {
    if (budget_.is_cancelled != nullptr && budget_.is_cancelled->load()) {
      report_.is_complete = false;
    }
    return !report_.is_complete;
  }

  [[nodiscard]] bool is_told(const std::vector<Node>& nodes, Levels louder_ones) const {
    return std::any_of(nodes.begin(), nodes.end(),
                       [&](Node node) { return (levels_[node] & louder_ones) != 0; });
  }

  // Components of more than one node, in the order of their first nodes.
  [[nodiscard]] static Members members(const Components& components, std::size_t nodes) {
    Members found;
    std::unordered_map<std::uint32_t, std::size_t> place;
    for (Node node = 0; node < nodes; ++node) {
      const std::uint32_t of = components.of[node];
      if (components.size[of] < 2) continue;
      const auto [at, is_new] = place.try_emplace(of, found.size());
      if (is_new) found.emplace_back();
      found[at->second].push_back(node);
    }
    return found;
  }

  void by_components(unsigned kind, unsigned suffix, Links filter, Links first) {
    if (is_stopped()) return;
    const Links all = filter | kSuffixLinks[suffix];
    Members hit;
    for (auto& nodes : members(strong_components(part_.graph, all), part_.graph.nodes())) {
      if (!is_told(nodes, louder(kind, suffix))) hit.push_back(std::move(nodes));
    }
    add(kind, suffix, {.first = first, .filter = all}, std::move(hit));
  }

  void add(unsigned kind, unsigned suffix, CycleSearch search, Members hit) {
    if (hit.empty()) return;
    for (const auto& nodes : hit) {
      for (const Node node : nodes) {
        levels_[node] = static_cast<Levels>(levels_[node] | level(kind, suffix));
      }
    }
    CycleAnomaly anomaly;
    anomaly.name = std::string(kNames[kind]) + std::string(kSuffixNames[suffix]);
    anomaly.count = hit.size();
    std::stable_sort(hit.begin(), hit.end(),
                     [](const auto& a, const auto& b) { return a.size() < b.size(); });
    hit.resize(std::min(hit.size(), kWitnessComponents));
    for (auto& nodes : hit) {
      search.nodes = std::move(nodes);
      std::vector<CycleStep> cycle = shortest_cycle(part_, search);
      const bool is_better = anomaly.cycle.empty() || cycle.size() < anomaly.cycle.size();
      if (is_better && !cycle.empty()) anomaly.cycle = std::move(cycle);
    }
    report_.found.push_back(std::move(anomaly));
  }

  // The graph in which node 2n is n, and 2n + 1 is n after an rw edge.
  [[nodiscard]] Graph doubled(Links filter) const {
    Graph twice;
    twice.start.push_back(0);
    for (Node node = 0; node < part_.graph.nodes(); ++node) {
      for (const bool was_rw : {false, true}) {
        for (const Edge edge : part_.graph.from(node)) {
          const bool is_rw = edge.link() == Link::kRw;
          if ((filter & links(edge.link())) == 0 || (is_rw && was_rw)) continue;
          const bool remembers = edge.link() == Link::kPass ? was_rw : is_rw;
          const Node target = 2 * edge.target() + (remembers ? 1U : 0U);
          twice.edges.push_back({target << 3U});
        }
        twice.start.push_back(static_cast<std::uint32_t>(twice.edges.size()));
      }
    }
    return twice;
  }

  // An rw edge on a cycle without two of them in a row.
  struct Apart {
    Node from;
    Node to;
  };

  void with_apart_rw(unsigned suffix) {
    if (is_stopped()) return;
    const Links filter = kAllItems | kSuffixLinks[suffix];
    const Components twice = strong_components(doubled(filter), links(Link::kPass));
    std::unordered_map<std::uint32_t, std::vector<Apart>> edges;
    for (Node node = 0; node < part_.graph.nodes(); ++node) {
      for (const Edge edge : part_.graph.from(node)) {
        const std::uint32_t of = twice.of[2 * node];
        if (edge.link() == Link::kRw && of == twice.of[2 * edge.target() + 1]) {
          edges[of].push_back({node, edge.target()});
        }
      }
    }
    if (edges.empty()) return;
    const Links dependencies = kDependencies | kSuffixLinks[suffix];
    const Components order = strong_components(part_.graph, dependencies);
    Members single;
    Members apart;
    for (const std::vector<Node>& states : members(twice, 2 * part_.graph.nodes())) {
      const auto found = edges.find(twice.of[states.front()]);
      if (found == edges.end()) continue;
      std::vector<Node> nodes;
      for (const Node at : states) {
        if (nodes.empty() || nodes.back() != at / 2) nodes.push_back(at / 2);
      }
      if (is_told(nodes, louder(kNonadjacent, suffix))) continue;
      const bool is_single = has_single(nodes, found->second, order, dependencies);
      (is_single ? single : apart).push_back(std::move(nodes));
    }
    const Links rw = links(Link::kRw);
    add(kSingle, suffix, {.first = rw, .filter = dependencies}, std::move(single));
    add(kNonadjacent, suffix, {.first = rw, .filter = filter, .is_apart = true}, std::move(apart));
  }

  // Does the end of one of the edges reach its beginning?  There is no cycle among dependencies
  // here (it would have been told as G1c), so that one sweep in their order answers for 64 edges.
  bool has_single(std::vector<Node> nodes, const std::vector<Apart>& edges, const Components& order,
                  Links dependencies) {
    std::sort(nodes.begin(), nodes.end(),
              [&](Node a, Node b) { return order.of[a] > order.of[b]; });
    ++inside_now_;
    for (const Node node : nodes) inside_[node] = inside_now_;
    for (std::size_t batch = 0; batch < edges.size() && !is_stopped(); batch += 64) {
      const std::size_t end = std::min(batch + 64, edges.size());
      for (const Node node : nodes) reached_[node] = 0;
      for (std::size_t i = batch; i < end; ++i) {
        reached_[edges[i].to] |= std::uint64_t{1} << (i - batch);
      }
      sweep(nodes, dependencies);
      for (std::size_t i = batch; i < end; ++i) {
        if ((reached_[edges[i].from] >> (i - batch) & 1U) != 0) return true;
      }
      if (report_.steps > budget_.steps) report_.is_complete = false;
    }
    return false;
  }

  void sweep(const std::vector<Node>& nodes, Links dependencies) {
    for (const Node node : nodes) {
      const std::uint64_t reached = reached_[node];
      if (reached == 0) continue;
      for (const Edge edge : part_.graph.from(node)) {
        ++report_.steps;
        const bool is_followed = (dependencies & links(edge.link())) != 0;
        if (is_followed && inside_[edge.target()] == inside_now_)
          reached_[edge.target()] |= reached;
      }
    }
  }

  Subgraph part_;
  const Budget& budget_;
  std::vector<Levels> levels_;          // by node: what was told of its components
  std::vector<std::uint64_t> reached_;  // by node: from which edges of the batch
  std::vector<std::uint32_t> inside_;   // by node: the component that was looked at last
  std::uint32_t inside_now_ = 0;
  CycleReport report_;
};

}  // namespace

CycleReport find_cycles(const Graph& graph, const Budget& budget) {
  const Links all = kAllItems | kSuffixLinks[kRealtime];
  const Components components = strong_components(graph, all);
  std::vector<char> keep(graph.nodes(), 0);
  bool is_any = false;
  for (Node node = 0; node < graph.nodes(); ++node) {
    keep[node] = components.size[components.of[node]] > 1 ? 1 : 0;
    is_any |= keep[node] != 0;
  }
  if (!is_any) return {};
  return Classifier(subgraph(graph, keep), budget).run();
}

}  // namespace squall
