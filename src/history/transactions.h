// Transactions in columns: what each session asked for and was told, as flat arrays of
// micro-operations with dense keys, so that a million of them fit into some ten megabytes.
//
//   T0 [["append",x,1],["r",y,[3]]]      T1 [["r",x,[1]]] …
//   ops:  append x 1 │ list-read y #1 │ list-read x #1 │ …         8 bytes each
//
// A list that was read is kept as a length wherever it is a prefix of the longest list anybody read
// of its key, which all lists of a sane store are; any other list is kept in full ("odd").
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "history/history.h"

namespace squall {

using TxnIndex = std::uint32_t;
using TxnKey = std::uint32_t;  // dense from 0
// Equal exactly if the values are.  Integers below 2^30 are themselves, others stand in a table.
using TxnValue = std::uint32_t;
inline constexpr TxnValue kTxnNil = 0xffff'fffeU;     // null: the state before any write
inline constexpr TxnValue kTxnUnseen = 0xffff'ffffU;  // nobody saw what the read returned

enum class MicroKind : std::uint8_t {
  kRead,      // value: what it returned, kTxnNil (also an empty list) or kTxnUnseen
  kWrite,     // value: what it wrote
  kAppend,    // value: the element
  kListRead,  // value: how much of the key's longest list it returned
  kOddRead,   // value: index in Transactions::odd
};

struct MicroOp {
  std::uint32_t key_and_kind = 0;
  TxnValue value = 0;

  [[nodiscard]] MicroKind kind() const { return static_cast<MicroKind>(key_and_kind & 7U); }
  [[nodiscard]] TxnKey key() const { return key_and_kind >> 3U; }
  static MicroOp of(MicroKind kind, TxnKey key, TxnValue value) {
    return {(key << 3U) | static_cast<std::uint32_t>(kind), value};
  }
  friend bool operator==(const MicroOp&, const MicroOp&) = default;
};
inline constexpr std::size_t kMaxTxnKeys = std::size_t{1} << 29U;

// Names of keys and values: JSON scalars (lists and objects too, but slowly).
class TxnNames {
 public:
  TxnKey key(std::int64_t number);
  TxnKey key_text(std::string_view text);
  TxnKey key_of(const Values& values, ValueId id);
  TxnValue value(std::int64_t number);
  TxnValue value_text(std::string_view text);
  TxnValue value_of(const Values& values, ValueId id);  // kNil becomes kTxnNil

  [[nodiscard]] std::size_t keys() const { return key_names_.size(); }
  [[nodiscard]] std::string key_name(TxnKey key) const;        // x, 7: text without quotes
  [[nodiscard]] std::string value_name(TxnValue value) const;  // 1, "a", nil
  [[nodiscard]] std::size_t bytes() const;

 private:
  TxnKey add_key(TxnValue name);
  std::vector<TxnKey> small_keys_;  // number → key + 1; 0: none yet
  std::unordered_map<TxnValue, TxnKey> other_keys_;
  std::vector<TxnValue> key_names_;
  Values others_;  // values that are not small integers
};

struct TxnSession {
  std::int64_t id = 0;
  Duration clock_error{0};  // times may be off by this much either way
};

struct OddList {
  std::uint32_t start = 0;  // in odd_values
  std::uint32_t length = 0;
};

struct Transactions {
  // One each per transaction, in the order of `sent`; within a session that is its order.
  std::vector<std::int64_t> sent;       // ns; empty: no times are known
  std::vector<std::int64_t> completed;  // ns; kNever: no answer was seen
  std::vector<std::uint32_t> first;     // in ops
  std::vector<std::uint32_t> count;     // of ops
  std::vector<std::uint32_t> session;   // in sessions
  std::vector<Outcome> outcome;
  std::vector<OpIndex> operation;  // its number in the history; empty: the same as here

  std::vector<MicroOp> ops;
  std::vector<TxnSession> sessions;
  TxnNames names;

  // The longest list that was read of each key: versions[version_start[k] … version_start[k + 1]).
  std::vector<std::uint32_t> version_start;
  std::vector<TxnValue> versions;
  std::vector<OddList> odd;
  std::vector<TxnValue> odd_values;

  [[nodiscard]] std::size_t size() const { return first.size(); }
  [[nodiscard]] std::span<const MicroOp> at(TxnIndex txn) const {
    return std::span(ops).subspan(first[txn], count[txn]);
  }
  [[nodiscard]] std::span<const TxnValue> longest(TxnKey key) const {
    return std::span(versions).subspan(version_start[key],
                                       version_start[key + 1] - version_start[key]);
  }
  // What a read of a list returned: kListRead, kOddRead or a kRead of nil.
  [[nodiscard]] std::span<const TxnValue> list(const MicroOp& op) const;
  [[nodiscard]] bool has_times() const { return !sent.empty() || first.empty(); }
  [[nodiscard]] OpIndex operation_of(TxnIndex txn) const {
    return operation.empty() ? txn : operation[txn];
  }
  [[nodiscard]] std::size_t bytes() const;
};

// Puts transactions together in the order in which they begin; they may end in any order.
class TransactionsBuilder {
 public:
  TxnNames& names() { return built_.names; }
  std::uint32_t session(std::int64_t id, Duration clock_error = Duration{0});
  // Without times, all with 0 and finish(false).
  TxnIndex begin(std::uint32_t session, std::int64_t sent);
  void end(TxnIndex txn, std::span<const MicroOp> ops, Outcome outcome, std::int64_t completed);
  // A read that returned a list, resolved against what is known of its key.
  MicroOp list_read(TxnKey key, std::span<const TxnValue> list);
  // The longest list of a key so far; what is appended to it was read by list_read's caller.
  std::vector<TxnValue>& longest(TxnKey key);
  [[nodiscard]] std::size_t size() const { return built_.first.size(); }
  Transactions finish(bool has_times);

 private:
  void take_longest();
  void rebase();
  void sort_by_sent();

  Transactions built_;
  std::unordered_map<std::int64_t, std::uint32_t> sessions_;
  std::vector<std::vector<TxnValue>> longest_;
  std::vector<TxnKey> odd_keys_;  // of built_.odd
};

// The operations named "txn" of a history whose value is a list of [f, key, value]; others, and
// values of another shape, are left out.  `client` as in a check: "" is everybody.
[[nodiscard]] Transactions transactions_of(const History& history, std::string_view client = {});

// JSON lines in either form:
//   {"p":0,"e":"invoke|ok|fail|info","f":"txn","v":[["append","x",1],["r","x",[1]]],"t":ns?}
//   {"s":session,"t":transaction,"c":committed,"ops":[["r"|"w",key,value],…]}
// Errors name line and column.  An ok must name the same micro-operations as its invocation.
[[nodiscard]] Result<Transactions> read_transactions_jsonl(std::string_view text,
                                                           const std::string& name);
// True if the first line of a numbered process is a transaction in one of these forms.
[[nodiscard]] bool is_transactions_jsonl(std::string_view text);

// AWDIT's text: "w KEY VALUE" or "r KEY VALUE" a line, "-----" between the transactions of a
// session, "=====" between sessions.
[[nodiscard]] Result<Transactions> read_awdit(std::string_view text, const std::string& name);

}  // namespace squall
