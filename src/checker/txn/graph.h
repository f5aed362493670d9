// Who must come before whom: transactions and what links them, in compressed rows.
//
//   T1 ─ww→ T2    T2 overwrote what T1 wrote            T1 ─process→ T2    the same session, later
//   T1 ─wr→ T2    T2 read what T1 wrote                 T1 ─realtime→ T2   T1 ended, then T2 began
//   T1 ─rw→ T2    T2 overwrote what T1 read              T1 ─inferred→ T2  by a weak model (weak.h)
//
// Beside the transactions there are helper nodes, so that "all of these come before all of those"
// costs a sum of edges and not a product.  One goes into a helper by a typed edge and leaves it by
// kPass, which has no meaning of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "history/transactions.h"

namespace squall {

enum class Link : std::uint8_t { kPass, kWw, kWr, kRw, kProcess, kRealtime, kInferred };

// Sets of links, for filters.
using Links = unsigned;
constexpr Links links(Link link) {
  return 1U << static_cast<unsigned>(link);
}
inline constexpr Links kWwLinks = links(Link::kPass) | links(Link::kWw);
inline constexpr Links kDependencies = kWwLinks | links(Link::kWr);
inline constexpr Links kAllItems = kDependencies | links(Link::kRw);

using Node = std::uint32_t;

struct Edge {
  std::uint32_t target_and_link = 0;

  [[nodiscard]] Node target() const { return target_and_link >> 3U; }
  [[nodiscard]] Link link() const { return static_cast<Link>(target_and_link & 7U); }
};
inline constexpr std::size_t kMaxNodes = std::size_t{1} << 29U;

struct Graph {
  std::size_t transactions = 0;  // nodes below are transactions, others are helpers
  std::vector<std::uint32_t> start;
  std::vector<Edge> edges;  // of a node: in the order of adding

  [[nodiscard]] std::size_t nodes() const { return start.empty() ? 0 : start.size() - 1; }
  [[nodiscard]] std::span<const Edge> from(Node node) const {
    return std::span(edges).subspan(start[node], start[node + 1] - start[node]);
  }
  [[nodiscard]] std::size_t bytes() const {
    return start.capacity() * sizeof(start[0]) + edges.capacity() * sizeof(Edge);
  }
};

class GraphBuilder {
 public:
  explicit GraphBuilder(std::size_t transactions) : transactions_(transactions) {
    next_ = static_cast<Node>(transactions);
  }
  void reserve(std::size_t edges) { list_.reserve(edges); }
  // An edge from a node to itself is dropped.
  void add(Node from, Node to, Link link) {
    if (from != to) list_.push_back({from, (to << 3U) | static_cast<std::uint32_t>(link)});
  }
  Node add_helper() { return next_++; }
  // Every one of `from` comes before every one of `to` but itself.  `to` has no duplicates.
  void add_all(std::span<const Node> from, std::span<const Node> to, Link link);
  [[nodiscard]] std::size_t edges() const { return list_.size(); }
  Graph build();

 private:
  struct Listed {
    Node from;
    std::uint32_t target_and_link;
  };
  std::size_t transactions_;
  Node next_ = 0;
  std::vector<Listed> list_;
};

// What sessions and clocks say, for the transactions that `is_node` (1) counts in.
void add_process_order(const Transactions& txns, const std::vector<char>& is_node,
                       GraphBuilder& builder);
// Nothing without times.  Clock bounds shrink what is certain.
void add_realtime_order(const Transactions& txns, const std::vector<char>& is_node,
                        GraphBuilder& builder);

// Strongly connected components of the edges in `filter`; numbered so that no edge leads from one
// to another with a higher number.
struct Components {
  std::vector<std::uint32_t> of;    // by node
  std::vector<std::uint32_t> size;  // by component
};
[[nodiscard]] Components strong_components(const Graph& graph, Links filter);

// The nodes with keep[node] and the edges among them; `original` names them in the first graph.
// Transactions stay before helpers, and the edges of a node are in the order of links, then
// targets.
struct Subgraph {
  Graph graph;
  std::vector<Node> original;
};
[[nodiscard]] Subgraph subgraph(const Graph& graph, const std::vector<char>& keep);

}  // namespace squall
