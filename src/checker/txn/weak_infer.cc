// Whom each reader must know, model by model.
#include <algorithm>
#include <deque>
#include <numeric>

#include "checker/txn/past.h"
#include "checker/txn/weak.h"

namespace squall {
namespace {

// A table by key that forgets everything at once.
class LastByKey {
 public:
  explicit LastByKey(std::size_t keys) : stamp_(keys, 0), last_(keys, kNobody) {}
  void forget() { ++now_; }
  [[nodiscard]] TxnIndex get(TxnKey key) const {
    return stamp_[key] == now_ ? last_[key] : kNobody;
  }
  void set(TxnKey key, TxnIndex txn) {
    stamp_[key] = now_;
    last_[key] = txn;
  }

 private:
  std::vector<std::uint32_t> stamp_;
  std::vector<TxnIndex> last_;
  std::uint32_t now_ = 1;
};

class Inferring {
 public:
  Inferring(const Transactions& txns, const ReadsFrom& history, const Budget& budget)
      : txns_(txns), history_(history), budget_(budget) {}

  Inference run(WeakModel model) {
    switch (model) {
      case WeakModel::kReadCommitted:
        each([&](TxnIndex txn) { from_the_read(txn, true); });
        break;
      case WeakModel::kReadAtomic:
        each([&](TxnIndex txn) { from_the_read(txn, false); });
        from_own_session();
        break;
      case WeakModel::kCausal:
        return infer_from_the_past(txns_, history_, budget_);
      case WeakModel::kReadYourWrites:
        from_own_session();
        break;
      case WeakModel::kMonotonicReads:
        from_own_reads();
        break;
      case WeakModel::kMonotonicWrites:
        from_writing_sessions();
        break;
      case WeakModel::kWritesFollowReads:
        from_reading_sessions();
        break;
    }
    return std::move(found_);
  }

 private:
  template <typename Take>
  void each(const Take& take) {
    for (TxnIndex txn = 0; txn < txns_.size(); ++txn) {
      if (history_.is_node[txn] != 0 && !is_stopped(txn)) take(txn);
    }
  }

  bool is_stopped(std::size_t step) {
    constexpr std::size_t kBetweenLooks = 4096;
    if (!found_.exhausted.empty()) return true;
    if (step % kBetweenLooks != 0) return false;
    if (budget_.is_cancelled != nullptr && budget_.is_cancelled->load()) {
      found_.exhausted = "somebody asked to stop";
    }
    const std::uint64_t bytes = found_.edges.size() * sizeof(Inferred);
    found_.peak_bytes = std::max(found_.peak_bytes, bytes);
    if (bytes > budget_.memory / 2) found_.exhausted = "memory";
    return !found_.exhausted.empty();
  }

  void infer(TxnIndex earlier, TxnIndex later, TxnIndex reader, TxnKey key) {
    if (earlier == later || earlier == kNobody || earlier == history_.initial()) return;
    if (earlier == reader) return;
    found_.edges.push_back({earlier, later, reader, key});
  }

  // T3 reads from T2 and (before: later) x from T1.  Either T2's writes or T3's reads are gone
  // through, whichever are fewer.
  void from_the_read(TxnIndex reader, bool is_only_later) {
    const auto reads = history_.reads_of(reader);
    if (reads.size() < 2) return;
    known_.clear();
    sorted_.clear();
    for (std::uint32_t i = 0; i < reads.size(); ++i) {
      const TxnIndex from = reads[i].from;
      if (from == history_.initial()) continue;
      if (std::find(known_.begin(), known_.end(), from) != known_.end()) continue;
      if (known_.size() < kRemembered) known_.push_back(from);
      known_from(reader, from, reads, is_only_later ? i + 1 : 0);
    }
  }

  void known_from(TxnIndex reader, TxnIndex from, std::span<const ReadFrom> reads,
                  std::uint32_t begin) {
    const auto writes = history_.writes_of(from);
    if (reads.size() - begin <= 8 * writes.size() || reads.size() < kFew) {
      for (std::uint32_t i = begin; i < reads.size(); ++i) {
        if (reads[i].from == from || !history_.does_write(from, reads[i].key)) continue;
        infer(from, reads[i].from, reader, reads[i].key);
      }
      return;
    }
    sort_reads(reads);
    for (const TxnKey key : writes) {
      auto at = std::lower_bound(sorted_.begin(), sorted_.end(), std::pair(key, begin));
      for (; at != sorted_.end() && at->first == key; ++at) {
        infer(from, reads[at->second].from, reader, key);
      }
    }
  }

  void sort_reads(std::span<const ReadFrom> reads) {
    if (!sorted_.empty()) return;
    for (std::uint32_t i = 0; i < reads.size(); ++i) sorted_.emplace_back(reads[i].key, i);
    std::sort(sorted_.begin(), sorted_.end());
  }

  void from_own_session() {
    LastByKey last(txns_.names.keys());
    for (const auto& session : history_.sessions) {
      last.forget();
      for (const TxnIndex txn : session) {
        for (const ReadFrom& read : history_.reads_of(txn)) {
          infer(last.get(read.key), read.from, txn, read.key);
        }
        for (const TxnKey key : history_.writes_of(txn)) last.set(key, txn);
      }
    }
  }

  void from_own_reads() {
    LastByKey last(txns_.names.keys());
    for (const auto& session : history_.sessions) {
      last.forget();
      for (const TxnIndex txn : session) {
        for (const ReadFrom& read : history_.reads_of(txn)) {
          infer(last.get(read.key), read.from, txn, read.key);
          last.set(read.key, read.from);
        }
      }
    }
  }

  void from_writing_sessions() {
    const WritePlaces written(txns_, history_);
    each([&](TxnIndex reader) {
      const auto reads = history_.reads_of(reader);
      for (const ReadFrom& seen : reads) {
        if (seen.from == history_.initial()) continue;
        for (const ReadFrom& read : reads) {
          const TxnIndex before =
              written.last_below(read.key, txns_.session[seen.from], history_.place[seen.from]);
          infer(before, read.from, reader, read.key);
        }
      }
    });
  }

  // What a session had last read of a key at some place.
  struct ReadAt {
    std::uint32_t session;
    TxnKey key;
    std::uint32_t place;
    TxnIndex from;
  };

  void from_reading_sessions() {
    std::vector<ReadAt> all;
    for (std::uint32_t session = 0; session < history_.sessions.size(); ++session) {
      for (const TxnIndex txn : history_.sessions[session]) {
        for (const ReadFrom& read : history_.reads_of(txn)) {
          all.push_back({session, read.key, history_.place[txn], read.from});
        }
      }
    }
    const auto earlier = [](const ReadAt& a, const ReadAt& b) {
      return std::tie(a.session, a.key, a.place) < std::tie(b.session, b.key, b.place);
    };
    std::stable_sort(all.begin(), all.end(), earlier);
    each([&](TxnIndex reader) {
      const auto reads = history_.reads_of(reader);
      for (const ReadFrom& seen : reads) {
        if (seen.from == history_.initial()) continue;
        for (const ReadFrom& read : reads) {
          const ReadAt wanted{txns_.session[seen.from], read.key, history_.place[seen.from], 0};
          const auto above = std::upper_bound(all.begin(), all.end(), wanted, earlier);
          if (above == all.begin()) continue;
          const ReadAt& last = *(above - 1);
          if (last.session != wanted.session || last.key != wanted.key) continue;
          infer(last.from, read.from, reader, read.key);
        }
      }
    });
  }

  static constexpr std::size_t kFew = 32;         // reads that are gone through without sorting
  static constexpr std::size_t kRemembered = 64;  // writers that are not looked at again

  const Transactions& txns_;
  const ReadsFrom& history_;
  const Budget& budget_;
  Inference found_;
  std::vector<TxnIndex> known_;
  std::vector<std::pair<TxnKey, std::uint32_t>> sorted_;  // the reads of one transaction
};

}  // namespace

Inference infer(const Transactions& txns, const ReadsFrom& history, WeakModel model,
                const Budget& budget) {
  return Inferring(txns, history, budget).run(model);
}

}  // namespace squall
