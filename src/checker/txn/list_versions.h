// What a list-append history says about its versions: the longest list of a key is the order of its
// appends, and with it who wrote what, who saw it and who did not.
#pragma once

#include <cstdint>
#include <vector>

#include "checker/txn/judge.h"
#include "history/transactions.h"

namespace squall {

inline constexpr TxnIndex kNobody = 0xffff'ffffU;
inline constexpr std::uint32_t kUnobserved = 0xffff'ffffU;

struct ListVersions {
  std::vector<TxnIndex> writer;       // by place in Transactions::versions; kNobody: not known
  std::vector<char> is_intermediate;  // likewise: its writer appended more to the key
  std::vector<std::uint32_t>
      position;               // by micro-operation: of an append in its key's longest list
  std::vector<char> is_node;  // by transaction: it certainly took effect
  // By key: the first element of the longest list that an aborted transaction wrote, or nobody.
  std::vector<std::uint32_t> first_aborted;
  std::vector<std::uint32_t> first_unwritten;
  // Appends that took effect and that nobody saw, by key: unseen[unseen_start[k] …).
  std::vector<std::uint32_t> unseen_start;
  std::vector<TxnIndex> unseen;
  // Appends that stand twice in the history; who wrote the element cannot be told.
  std::uint64_t ambiguous = 0;
  std::string ambiguous_example;

  [[nodiscard]] TxnIndex writer_of(const Transactions& txns, TxnKey key,
                                   std::uint32_t position_in_key) const {
    return writer[txns.version_start[key] + position_in_key];
  }
};

[[nodiscard]] ListVersions list_versions(const Transactions& txns, Anomalies& anomalies);

// Anomalies that show in a single read or a single version, without a cycle.
void read_anomalies(const Transactions& txns, const ListVersions& versions, Anomalies& anomalies);

}  // namespace squall
