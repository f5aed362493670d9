// Breadth-first from the end of every first edge back to its beginning.
#include "checker/txn/shortest_cycle.h"

#include <algorithm>
#include <deque>
#include <unordered_map>

namespace squall {
namespace {

constexpr std::uint64_t kMaxSteps = 4'000'000;

// A node, and whether the last edge was rw.
using State = std::uint64_t;
State state(Node node, bool is_after_rw) {
  return State{node} << 1U | (is_after_rw ? 1U : 0U);
}

class Searcher {
 public:
  Searcher(const Subgraph& part, const CycleSearch& search) : part_(part), search_(search) {
    for (const Node node : search.nodes) inside_.emplace(node, 0);
  }

  std::vector<CycleStep> run() {
    for (const Node node : search_.nodes) {
      if (node >= part_.graph.transactions) continue;
      for (const Edge edge : part_.graph.from(node)) {
        if ((search_.first & links(edge.link())) == 0 || !inside_.contains(edge.target())) continue;
        try_from(node, edge);
        if (best_.size() == 2 || steps_ > kMaxSteps) return std::move(best_);
      }
    }
    return std::move(best_);
  }

 private:
  struct Reached {
    State from;
    Link link;
    std::uint32_t distance;  // in transactions
  };

  void try_from(Node begin, Edge first) {
    reached_.clear();
    queue_.clear();
    const bool is_rw = search_.is_apart && first.link() == Link::kRw;
    const State start = state(first.target(), is_rw);
    const bool is_helper = first.target() >= part_.graph.transactions;
    reached_[start] = {start, first.link(), is_helper ? 0U : 1U};
    queue_.push_back(start);
    while (!queue_.empty() && steps_ <= kMaxSteps) {
      const State at = queue_.front();
      queue_.pop_front();
      if (at == state(begin, false)) {
        keep(begin, start, first.link());
        return;
      }
      expand(at);
    }
  }

  void expand(State at) {
    const auto node = static_cast<Node>(at >> 1U);
    const std::uint32_t distance = reached_[at].distance;
    if (!best_.empty() && distance >= best_.size()) return;
    for (const Edge edge : part_.graph.from(node)) {
      ++steps_;
      if ((search_.filter & links(edge.link())) == 0 || !inside_.contains(edge.target())) continue;
      const bool is_rw = search_.is_apart && edge.link() == Link::kRw;
      const bool was_rw = (at & 1U) != 0;
      if (is_rw && was_rw) continue;
      const State next = state(edge.target(), edge.link() == Link::kPass ? was_rw : is_rw);
      const bool is_helper = edge.target() >= part_.graph.transactions;
      const std::uint32_t length = distance + (is_helper ? 0U : 1U);
      const auto known = reached_.find(next);
      if (known != reached_.end() && known->second.distance <= length) continue;
      reached_[next] = {at, edge.link(), length};
      if (is_helper) {
        queue_.push_front(next);
      } else {
        queue_.push_back(next);
      }
    }
  }

  // Back from `begin` to the first edge, then forward without the helpers.
  void keep(Node begin, State start, Link first) {
    std::vector<std::pair<Node, Link>> arrivals;  // a node, and by which link
    State at = state(begin, false);
    while (at != start) {
      const Reached& how = reached_[at];
      arrivals.emplace_back(static_cast<Node>(at >> 1U), how.link);
      at = how.from;
    }
    arrivals.emplace_back(static_cast<Node>(start >> 1U), first);
    std::reverse(arrivals.begin(), arrivals.end());
    std::vector<CycleStep> cycle;
    Node from = begin;
    Link link = Link::kPass;
    for (const auto& [node, by] : arrivals) {
      if (by != Link::kPass) link = by;
      if (node >= part_.graph.transactions) continue;
      cycle.push_back({part_.original[from], part_.original[node], link});
      from = node;
    }
    if (best_.empty() || cycle.size() < best_.size()) best_ = std::move(cycle);
  }

  const Subgraph& part_;
  const CycleSearch& search_;
  std::unordered_map<Node, char> inside_;
  std::unordered_map<State, Reached> reached_;
  std::deque<State> queue_;
  std::vector<CycleStep> best_;
  std::uint64_t steps_ = 0;
};

}  // namespace

std::vector<CycleStep> shortest_cycle(const Subgraph& part, const CycleSearch& search) {
  return Searcher(part, search).run();
}

}  // namespace squall
