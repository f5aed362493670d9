// The graph of a commit order, and its shortest cycle.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "checker/txn/cycles.h"
#include "checker/txn/graph.h"
#include "checker/txn/weak.h"

namespace squall {

// The guarantees look at each key by itself, the transactional models at all of them together.
[[nodiscard]] bool is_guarantee(WeakModel model);

// Of the transactional models a node is a transaction, of the guarantees its write of one key.
class CommitOrder {
 public:
  CommitOrder(const Transactions& txns, const ReadsFrom& history, const Inference& inference,
              WeakModel model);

  void add_transactional();
  // Per key, what is known of the order of its writes: "session", "realtime" or "value".
  void add_orders(std::string_view order);
  void add_inferred();
  // The shortest cycle of the smallest components; helpers are left out.
  [[nodiscard]] std::vector<CycleStep> cycle(std::uint64_t& components);
  [[nodiscard]] TxnIndex txn_of(Node node) const;  // initial() for what was there before

 private:
  [[nodiscard]] Node node(TxnIndex txn, TxnKey key) const;
  void add(TxnIndex earlier, TxnIndex later, TxnKey key, Link link);
  void by_time(TxnKey key, const std::vector<TxnIndex>& writers);
  void by_value(TxnKey key, const std::vector<TxnIndex>& writers);
  void add_updates();
  [[nodiscard]] static std::vector<std::vector<Node>> by_size(const Subgraph& part);

  const Transactions& txns_;
  const ReadsFrom& history_;
  const Inference& inference_;
  WeakModel model_;
  std::size_t writes_;
  GraphBuilder builder_;
};

}  // namespace squall
