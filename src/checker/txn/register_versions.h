// What an rw-register history says about its versions: values are unique per key, so that a read
// names its writer; in which order values replaced each other must be inferred.
//
//   initial state    nil comes before everything that was written
//   wfr              a transaction that read a and then wrote b put b after a
//   sequential       within a session, what it met of a key it met in the key's order
//   linearizable     what one transaction met before another one began comes first
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "checker/txn/graph.h"
#include "checker/txn/judge.h"
#include "checker/txn/list_versions.h"
#include "history/transactions.h"

namespace squall {

struct RegisterOptions {
  bool initial_state = true;
  bool wfr_keys = true;
  bool sequential_keys = false;
  bool linearizable_keys = false;
};

// A value of a key.  Dense from 0; those of a key stand together, and the first is nil.
using VersionId = std::uint32_t;
inline constexpr VersionId kNoVersion = 0xffff'ffffU;

struct RegisterVersions {
  std::vector<std::uint32_t> start;   // by key, in the columns below
  std::vector<TxnValue> value;        // by version
  std::vector<TxnIndex> writer;       // kNobody: nil, or nobody wrote it
  std::vector<char> is_intermediate;  // its writer wrote the key again
  std::vector<VersionId> of_op;       // by micro-operation; kNoVersion: a read nobody saw
  std::vector<char> is_node;          // by transaction: it certainly took effect
  std::uint64_t unwritten = 0;        // reads of values that nobody wrote
  std::uint64_t ambiguous = 0;        // values that were written twice
  std::string ambiguous_example;
};

[[nodiscard]] RegisterVersions register_versions(const Transactions& txns);

// G1a, G1b, internal, future-read, lost-update; unwritten-read if `forbid_unwritten`.
void register_anomalies(const Transactions& txns, const RegisterVersions& versions,
                        bool forbid_unwritten, Anomalies& anomalies);

// Which version directly precedes which, as far as it is known: sorted, without duplicates.
struct VersionStep {
  VersionId from = 0;
  VersionId to = 0;
  friend auto operator<=>(const VersionStep&, const VersionStep&) = default;
};
// Keys whose steps form a cycle are an anomaly (cyclic-versions) and have no steps.
[[nodiscard]] std::vector<VersionStep> version_steps(const Transactions& txns,
                                                     const RegisterVersions& versions,
                                                     const RegisterOptions& options,
                                                     Anomalies& anomalies);

void add_register_dependencies(const Transactions& txns, const RegisterVersions& versions,
                               std::span<const VersionStep> steps, GraphBuilder& builder);
[[nodiscard]] std::string because_of_registers(const Transactions& txns,
                                               const RegisterVersions& versions,
                                               std::span<const VersionStep> steps,
                                               const CycleStep& step);

}  // namespace squall
