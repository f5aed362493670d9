// Base orders, inferred edges, components.
#include "checker/txn/commit_order.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "checker/selection.h"
#include "checker/txn/shortest_cycle.h"

namespace squall {
namespace {

constexpr Links kEverything = 0xffU;
constexpr std::size_t kWitnessComponents = 16;

}  // namespace

bool is_guarantee(WeakModel model) {
  return model != WeakModel::kReadCommitted && model != WeakModel::kReadAtomic &&
         model != WeakModel::kCausal;
}

CommitOrder::CommitOrder(const Transactions& txns, const ReadsFrom& history,
                         const Inference& inference, WeakModel model)
    : txns_(txns),
      history_(history),
      inference_(inference),
      model_(model),
      writes_(is_guarantee(model) ? history.writes.size() : txns.size()),
      builder_(writes_ + (is_guarantee(model) ? txns.names.keys() : 1)) {}

void CommitOrder::add_transactional() {
  for (const auto& session : history_.sessions) {
    for (std::size_t i = 1; i < session.size(); ++i) {
      builder_.add(session[i - 1], session[i], Link::kProcess);
    }
  }
  for (TxnIndex txn = 0; txn < txns_.size(); ++txn) {
    for (const ReadFrom& read : history_.reads_of(txn)) {
      if (read.from != history_.initial()) builder_.add(read.from, txn, Link::kWr);
    }
  }
  for (const auto& [earlier, later] : history_.known) builder_.add(earlier, later, Link::kWw);
}

void CommitOrder::add_orders(std::string_view order) {
  const WritePlaces written(txns_, history_);
  for (TxnKey key = 0; key < txns_.names.keys(); ++key) {
    std::vector<TxnIndex> all;
    for (const WritePlaces::Run& run : written.runs(key)) {
      for (std::uint32_t limit = 0xffff'ffffU;;) {
        const TxnIndex last = written.last_below(run, limit);
        if (last == kNobody) break;
        const TxnIndex before = written.last_below(run, history_.place[last]);
        if (before != kNobody) add(before, last, key, Link::kProcess);
        all.push_back(last);
        limit = history_.place[last];
      }
    }
    if (order == "realtime" && txns_.has_times()) by_time(key, all);
    if (order == "value") by_value(key, all);
  }
  for (const auto& [earlier, later] : history_.known) {
    for (const TxnKey key : history_.writes_of(earlier)) {
      if (history_.does_write(later, key)) add(earlier, later, key, Link::kWw);
    }
  }
  if (model_ == WeakModel::kWritesFollowReads) add_updates();
}

void CommitOrder::add_inferred() {
  for (const Inferred& edge : inference_.edges) {
    const Node from = node(edge.earlier, edge.key);
    builder_.add(from, node(edge.later, edge.key), Link::kInferred);
    if (edge.later == history_.initial()) {
      builder_.add(node(edge.later, edge.key), from, Link::kWw);
    }
  }
}

std::vector<CycleStep> CommitOrder::cycle(std::uint64_t& components) {
  const Graph graph = builder_.build();
  const Components found = strong_components(graph, kEverything);
  std::vector<char> keep(graph.nodes(), 0);
  for (Node node = 0; node < graph.nodes(); ++node) {
    keep[node] = found.size[found.of[node]] > 1 ? 1 : 0;
  }
  const Subgraph part = subgraph(graph, keep);
  const std::vector<std::vector<Node>> members = by_size(part);
  components = members.size();
  std::vector<CycleStep> best;
  for (std::size_t i = 0; i < std::min(members.size(), kWitnessComponents); ++i) {
    const CycleSearch search{.first = kEverything, .filter = kEverything, .nodes = members[i]};
    std::vector<CycleStep> shortest = shortest_cycle(part, search);
    if (!shortest.empty() && (best.empty() || shortest.size() < best.size())) {
      best = std::move(shortest);
    }
  }
  return best;
}

TxnIndex CommitOrder::txn_of(Node node) const {
  if (node >= writes_) return history_.initial();
  if (!is_guarantee(model_)) return node;
  const auto above =
      std::upper_bound(history_.write_start.begin(), history_.write_start.end(), node);
  return static_cast<TxnIndex>(above - history_.write_start.begin() - 1);
}

Node CommitOrder::node(TxnIndex txn, TxnKey key) const {
  if (!is_guarantee(model_)) return txn;
  if (txn == history_.initial()) return static_cast<Node>(writes_ + key);
  const auto keys = history_.writes_of(txn);
  const auto at = std::lower_bound(keys.begin(), keys.end(), key) - keys.begin();
  return history_.write_start[txn] + static_cast<Node>(at);
}

void CommitOrder::add(TxnIndex earlier, TxnIndex later, TxnKey key, Link link) {
  builder_.add(node(earlier, key), node(later, key), link);
}

void CommitOrder::by_time(TxnKey key, const std::vector<TxnIndex>& writers) {
  std::vector<std::pair<std::int64_t, TxnIndex>> begins;
  std::vector<std::pair<std::int64_t, TxnIndex>> ends;
  for (const TxnIndex txn : writers) {
    const std::int64_t error = txns_.sessions[txns_.session[txn]].clock_error.count();
    begins.emplace_back(shifted(txns_.sent[txn], -error), txn);
    if (txns_.outcome[txn] != Outcome::kOk) continue;
    ends.emplace_back(shifted(txns_.completed[txn], error), txn);
  }
  std::sort(begins.begin(), begins.end());
  std::sort(ends.begin(), ends.end());
  std::size_t ended = 0;
  std::optional<Node> chain;
  for (const auto& [at, txn] : begins) {
    if (ended < ends.size() && ends[ended].first < at) {
      const Node next = builder_.add_helper();
      if (chain) builder_.add(*chain, next, Link::kPass);
      chain = next;
      for (; ended < ends.size() && ends[ended].first < at; ++ended) {
        builder_.add(node(ends[ended].second, key), next, Link::kRealtime);
      }
    }
    if (chain) builder_.add(*chain, node(txn, key), Link::kPass);
  }
}

void CommitOrder::by_value(TxnKey key, const std::vector<TxnIndex>& writers) {
  std::vector<std::pair<TxnValue, TxnIndex>> sorted;
  for (const TxnIndex txn : writers) {
    TxnValue value = kTxnNil;
    for (const MicroOp& op : txns_.at(txn)) {
      if (op.key() == key && op.kind() == MicroKind::kWrite) value = op.value;
    }
    if (value < (1U << 30U)) sorted.emplace_back(value, txn);
  }
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    add(sorted[i - 1].second, sorted[i].second, key, Link::kWw);
  }
}

// A session that read a key and later writes it puts its write after what it read.
void CommitOrder::add_updates() {
  for (const auto& session : history_.sessions) {
    std::unordered_map<TxnKey, TxnIndex> read;
    for (const TxnIndex txn : session) {
      for (const ReadFrom& from : history_.reads_of(txn)) read[from.key] = from.from;
      for (const TxnKey key : history_.writes_of(txn)) {
        const auto known = read.find(key);
        if (known == read.end() || known->second == history_.initial()) continue;
        add(known->second, txn, key, Link::kWr);
        read.erase(known);
      }
    }
  }
}

std::vector<std::vector<Node>> CommitOrder::by_size(const Subgraph& part) {
  const Components components = strong_components(part.graph, kEverything);
  std::vector<std::vector<Node>> members(components.size.size());
  for (Node node = 0; node < part.graph.nodes(); ++node) {
    members[components.of[node]].push_back(node);
  }
  std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  return members;
}

}  // namespace squall
