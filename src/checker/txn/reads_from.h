// A history of transactions as the weak models see it: sessions, who read which key from whom, and
// who wrote which keys.  Registers and lists look alike here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "checker/txn/judge.h"
#include "checker/txn/list_versions.h"
#include "history/transactions.h"

namespace squall {

struct ReadFrom {
  TxnKey key = 0;
  TxnIndex from = 0;  // ReadsFrom::initial(): what was there before
};

struct ReadsFrom {
  std::vector<std::uint32_t> read_start;  // by transaction
  std::vector<ReadFrom> reads;            // of others' writes, in program order
  std::vector<std::uint32_t> write_start;
  std::vector<TxnKey> writes;                        // each key once, sorted
  std::vector<std::vector<TxnIndex>> sessions;       // what took effect, in order
  std::vector<std::uint32_t> place;                  // by transaction: in its session
  std::vector<char> is_node;                         // by transaction: it certainly took effect
  std::vector<std::pair<TxnIndex, TxnIndex>> known;  // versions of a key that follow each other
  Anomalies broken;                                  // reads that no model allows
  std::uint64_t examined = 0;
  std::string gap;  // why a clean bill is none; "" if it is one

  [[nodiscard]] TxnIndex initial() const { return static_cast<TxnIndex>(is_node.size()); }
  [[nodiscard]] std::span<const ReadFrom> reads_of(TxnIndex txn) const {
    return std::span(reads).subspan(read_start[txn], read_start[txn + 1] - read_start[txn]);
  }
  [[nodiscard]] std::span<const TxnKey> writes_of(TxnIndex txn) const {
    return std::span(writes).subspan(write_start[txn], write_start[txn + 1] - write_start[txn]);
  }
  [[nodiscard]] bool does_write(TxnIndex txn, TxnKey key) const;
};

[[nodiscard]] ReadsFrom reads_from(const Transactions& txns, bool forbid_unwritten);

// The recording's transactions; where it has none, its reads and writes of registers as
// transactions of one operation.
[[nodiscard]] const Transactions& operations_in(const CheckInput& input, Transactions& own);

// Where each session wrote each key: the last write of a key up to a place in a session.
class WritePlaces {
 public:
  WritePlaces(const Transactions& txns, const ReadsFrom& history);

  struct Run {
    std::uint32_t session;
    std::uint32_t begin;  // in places()
    std::uint32_t end;
  };
  // The sessions that wrote a key.
  [[nodiscard]] std::span<const Run> runs(TxnKey key) const {
    return std::span(runs_).subspan(start_[key], start_[key + 1] - start_[key]);
  }
  // The last of a run at a place below `limit`; kNobody: there is none.
  [[nodiscard]] TxnIndex last_below(const Run& run, std::uint32_t limit) const;
  [[nodiscard]] TxnIndex last_below(TxnKey key, std::uint32_t session, std::uint32_t limit) const;

 private:
  const ReadsFrom& history_;
  std::vector<std::uint32_t> start_;  // by key, in runs_
  std::vector<Run> runs_;
  std::vector<std::uint32_t> places_;
};

}  // namespace squall
