// Building rows of edges, and Tarjan's components without recursion.
#include "checker/txn/graph.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "checker/selection.h"

namespace squall {
namespace {

constexpr Node kNone = 0xffff'ffffU;
constexpr std::size_t kFewPairs = 16;

bool before(Edge a, Edge b) {
  return a.link() != b.link() ? a.link() < b.link() : a.target() < b.target();
}

}  // namespace

// Two chains of helpers over the targets, so that a target that is a source, too, can leave itself
// out:          suffix 1 → suffix 2 → suffix 3
//                  ↓          ↓          ↓
//                 to 1       to 2       to 3        to 2 itself enters prefix 1 and suffix 3
//                  ↑          ↑          ↑
//               prefix 1 ← prefix 2 ← prefix 3
void GraphBuilder::add_all(std::span<const Node> from, std::span<const Node> to, Link link) {
  if (from.size() * to.size() <= kFewPairs || from.size() < 2 || to.size() < 2) {
    for (const Node source : from) {
      for (const Node target : to) add(source, target, link);
    }
    return;
  }
  std::unordered_map<Node, std::size_t> place;
  for (std::size_t i = 0; i < to.size(); ++i) place[to[i]] = i;
  const Node suffix = next_;
  const Node prefix = next_ + static_cast<Node>(to.size());
  next_ += static_cast<Node>(2 * to.size());
  for (std::size_t i = 0; i < to.size(); ++i) {
    const auto at = static_cast<Node>(i);
    add(suffix + at, to[i], Link::kPass);
    add(prefix + at, to[i], Link::kPass);
    if (i + 1 < to.size()) add(suffix + at, suffix + at + 1, Link::kPass);
    if (i > 0) add(prefix + at, prefix + at - 1, Link::kPass);
  }
  for (const Node source : from) {
    const auto own = place.find(source);
    if (own == place.end()) {
      add(source, suffix, link);
      continue;
    }
    const auto at = static_cast<Node>(own->second);
    if (own->second > 0) add(source, prefix + at - 1, link);
    if (own->second + 1 < to.size()) add(source, suffix + at + 1, link);
  }
}

Graph GraphBuilder::build() {
  CHECK(next_ < kMaxNodes);
  CHECK(list_.size() < 0xffff'ffffU);
  Graph graph;
  graph.transactions = transactions_;
  graph.start.assign(static_cast<std::size_t>(next_) + 1, 0);
  for (const Listed& edge : list_) ++graph.start[edge.from + 1];
  std::partial_sum(graph.start.begin(), graph.start.end(), graph.start.begin());
  graph.edges.resize(list_.size());
  // Filling from the back of each row moves start to where the row begins.
  std::vector<std::uint32_t> end(graph.start.begin() + 1, graph.start.end());
  for (std::size_t i = list_.size(); i-- > 0;) {
    graph.edges[--end[list_[i].from]] = Edge{list_[i].target_and_link};
  }
  list_ = {};
  return graph;
}

void add_process_order(const Transactions& txns, const std::vector<char>& is_node,
                       GraphBuilder& builder) {
  std::vector<Node> last(txns.sessions.size(), kNone);
  for (TxnIndex txn = 0; txn < txns.size(); ++txn) {
    if (is_node[txn] == 0) continue;
    Node& previous = last[txns.session[txn]];
    if (previous != kNone) builder.add(previous, txn, Link::kProcess);
    previous = txn;
  }
}

namespace {

struct Moment {
  std::int64_t at;
  TxnIndex txn;
};

std::vector<Moment> moments(const Transactions& txns, const std::vector<char>& is_node,
                            bool is_end) {
  std::vector<Moment> found;
  found.reserve(txns.size());
  for (TxnIndex txn = 0; txn < txns.size(); ++txn) {
    const bool has_end = txns.outcome[txn] == Outcome::kOk && txns.completed[txn] != kNever;
    if (is_node[txn] == 0 || (is_end && !has_end)) continue;
    const std::int64_t error = txns.sessions[txns.session[txn]].clock_error.count();
    found.push_back(
        {is_end ? shifted(txns.completed[txn], error) : shifted(txns.sent[txn], -error), txn});
  }
  const auto earlier = [](const Moment& a, const Moment& b) { return a.at < b.at; };
  if (!std::is_sorted(found.begin(), found.end(), earlier)) {
    std::stable_sort(found.begin(), found.end(), earlier);
  }
  return found;
}

}  // namespace

// A chain of helpers along the time, a new link wherever a beginning follows endings.
void add_realtime_order(const Transactions& txns, const std::vector<char>& is_node,
                        GraphBuilder& builder) {
  if (!txns.has_times()) return;
  const std::vector<Moment> begins = moments(txns, is_node, false);
  const std::vector<Moment> ends = moments(txns, is_node, true);
  Node chain = kNone;
  std::size_t ended = 0;
  for (const Moment& begin : begins) {
    if (ended < ends.size() && ends[ended].at < begin.at) {
      const Node next = builder.add_helper();
      if (chain != kNone) builder.add(chain, next, Link::kPass);
      chain = next;
      for (; ended < ends.size() && ends[ended].at < begin.at; ++ended) {
        builder.add(ends[ended].txn, chain, Link::kRealtime);
      }
    }
    if (chain != kNone) builder.add(chain, begin.txn, Link::kPass);
  }
}

namespace {

// Tarjan's algorithm in Pearce's form: one number per node, which is its index while it is under
// way and its component (counted down from the top) afterwards.
class Tarjan {
 public:
  Tarjan(const Graph& graph, Links filter) : graph_(graph), filter_(filter) {}

  Components run() {
    index_.assign(graph_.nodes(), 0);
    for (Node node = 0; node < graph_.nodes(); ++node) {
      if (index_[node] == 0) visit(node);
    }
    Components found;
    found.of = std::move(index_);
    found.size.assign(components_, 0);
    for (std::uint32_t& of : found.of) {
      of = kTop - of;
      ++found.size[of];
    }
    return found;
  }

 private:
  static constexpr std::uint32_t kTop = 0xffff'fffeU;
  struct Frame {
    Node node;
    std::uint32_t cursor;
    std::uint32_t own;  // the index that it was given
  };

  void enter(Node node) {
    index_[node] = ++counter_;
    path_.push_back({node, graph_.start[node], counter_});
  }

  void visit(Node root) {
    enter(root);
    while (!path_.empty()) {
      Frame& frame = path_.back();
      if (frame.cursor == graph_.start[frame.node + 1]) {
        leave();
        continue;
      }
      const Edge edge = graph_.edges[frame.cursor++];
      if ((filter_ & links(edge.link())) == 0) continue;
      const Node target = edge.target();
      if (index_[target] == 0) {
        enter(target);
      } else {
        index_[frame.node] = std::min(index_[frame.node], index_[target]);
      }
    }
  }

  // What has a component carries a number above all indices, so that the minimum ignores it.
  void leave() {
    const Frame frame = path_.back();
    path_.pop_back();
    if (index_[frame.node] != frame.own) {
      waiting_.push_back(frame.node);
      std::uint32_t& parent = index_[path_.back().node];
      parent = std::min(parent, index_[frame.node]);
      return;
    }
    const std::uint32_t component = kTop - components_++;
    index_[frame.node] = component;
    while (!waiting_.empty() && index_[waiting_.back()] >= frame.own &&
           index_[waiting_.back()] <= counter_) {
      index_[waiting_.back()] = component;
      waiting_.pop_back();
    }
  }

  const Graph& graph_;
  Links filter_;
  std::vector<std::uint32_t> index_;
  std::vector<Frame> path_;
  std::vector<Node> waiting_;
  std::uint32_t counter_ = 0;
  std::uint32_t components_ = 0;
};

}  // namespace

Components strong_components(const Graph& graph, Links filter) {
  return Tarjan(graph, filter).run();
}

Subgraph subgraph(const Graph& graph, const std::vector<char>& keep) {
  Subgraph part;
  std::vector<Node> renamed(graph.nodes(), kNone);
  for (Node node = 0; node < graph.nodes(); ++node) {
    if (keep[node] == 0) continue;
    renamed[node] = static_cast<Node>(part.original.size());
    part.original.push_back(node);
    part.graph.transactions += node < graph.transactions ? 1U : 0U;
  }
  part.graph.start.push_back(0);
  for (const Node node : part.original) {
    for (const Edge edge : graph.from(node)) {
      const Node target = renamed[edge.target()];
      if (target == kNone) continue;
      part.graph.edges.push_back({(target << 3U) | static_cast<std::uint32_t>(edge.link())});
    }
    std::sort(part.graph.edges.begin() + part.graph.start.back(), part.graph.edges.end(), before);
    part.graph.start.push_back(static_cast<std::uint32_t>(part.graph.edges.size()));
  }
  return part;
}

}  // namespace squall
