// A simulated database: keys with all versions that somebody may still read, and transactions that
// see them as their isolation level lets them.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/rng.h"
#include "history/generate/objects.h"

namespace squall {

enum class Isolation : std::uint8_t {
  kStrictSerializable,  // each transaction takes effect at one moment
  kSnapshot,            // reads of the state at its begin; the first committer of a key wins
  kPrefix,              // the same, but nobody loses: writes go onto whatever is there
  kReadCommitted,       // each read of the committed state of its own moment
  kNone                 // reads and writes of each step at its own moment, also of aborted ones
};

// One step: what is asked, and then what was seen.
struct TxnStep {
  bool is_write = false;
  std::uint64_t key = 0;
  std::int64_t value = 0;        // of a write
  std::size_t seen = 0;          // of a read: versions of the key, from its first
  std::size_t own = 0;           // and then so many of the transaction's own, earlier in its steps
  std::int64_t last = kNoValue;  // of a read: the value it saw last
  static constexpr std::int64_t kNoValue = -1;
};

struct Txn {
  std::vector<TxnStep> steps;
  std::size_t next_step = 0;   // for levels that take one at a time
  std::uint64_t snapshot = 0;  // commits that it sees
  bool is_aborted = false;
  bool is_active = false;
};

class TxnDatabase {
 public:
  // `keys` are in use at once; one is replaced by a new one after `writes_per_key` (0: never), and
  // then only the versions that are needed are kept.
  TxnDatabase(Isolation isolation, std::size_t keys, std::uint64_t writes_per_key, bool keeps_lists,
              FaultRates faults);

  // A step on a key in use; a write gets a value that its key never had.
  TxnStep choose(bool is_write, Rng& rng);
  void begin(Txn& txn);
  void run_step(Txn& txn, Rng& rng);  // kNone, kReadCommitted: the next one
  void commit(Txn& txn, Rng& rng);    // the rest; sets is_aborted
  void abort(Txn& txn);
  // Forgets what only `txn` held on to; after its steps were written out.
  void release(Txn& txn);

  [[nodiscard]] bool takes_steps() const {
    return isolation_ == Isolation::kNone || isolation_ == Isolation::kReadCommitted;
  }
  // The value of a version, counted from the key's first.
  [[nodiscard]] std::int64_t version(std::uint64_t key, std::size_t index) const;

 private:
  struct Version {
    std::int64_t value = 0;
    std::uint64_t commit = 0;
  };
  struct Key {
    std::uint64_t id = 0;
    std::int64_t next_value = 1;
    std::vector<Version> versions;
    std::size_t dropped = 0;  // versions before the first that is kept
    std::uint32_t users = 0;  // transactions that name it
    bool is_retired = false;
  };
  [[nodiscard]] Key& at(std::uint64_t key) { return keys_[key - first_key_]; }
  [[nodiscard]] const Key& at(std::uint64_t key) const { return keys_[key - first_key_]; }
  void read(Txn& txn, std::size_t step, std::size_t versions, Rng& rng);
  void write(TxnStep& step, Rng& rng);
  [[nodiscard]] std::size_t versions_in(const Key& key, std::uint64_t snapshot) const;
  void add_key();
  void trim(Key& key);

  Isolation isolation_;
  std::uint64_t writes_per_key_;
  bool keeps_lists_;
  FaultRates faults_;
  std::uint64_t commits_ = 0;
  std::uint64_t first_key_ = 0;
  std::deque<Key> keys_;
  std::vector<std::uint64_t> in_use_;
  std::vector<const Txn*> active_;
};

}  // namespace squall
