// Whom each reader must know, model by model.
#include <algorithm>
#include <deque>
#include <numeric>

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
        from_the_past();
        break;
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
    const std::uint64_t bytes = found_.edges.size() * sizeof(Inferred) + clock_bytes_;
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

  // Transactions in an order that respects sessions and reads; a cycle's are left out.
  [[nodiscard]] std::vector<TxnIndex> in_order() {
    const std::size_t count = txns_.size();
    std::vector<std::uint32_t> waits(count, 0);
    reader_start_.assign(count + 1, 0);
    for (TxnIndex txn = 0; txn < count; ++txn) {
      for (const ReadFrom& read : history_.reads_of(txn)) {
        if (read.from == history_.initial()) continue;
        ++waits[txn];
        ++reader_start_[read.from + 1];
      }
      waits[txn] += history_.is_node[txn] != 0 && history_.place[txn] > 0 ? 1U : 0U;
    }
    std::partial_sum(reader_start_.begin(), reader_start_.end(), reader_start_.begin());
    std::vector<TxnIndex> readers(reader_start_.back());
    std::vector<std::uint32_t> next(reader_start_.begin(), reader_start_.end() - 1);
    for (TxnIndex txn = 0; txn < count; ++txn) {
      for (const ReadFrom& read : history_.reads_of(txn)) {
        if (read.from != history_.initial()) readers[next[read.from]++] = txn;
      }
    }
    std::vector<TxnIndex> order;
    order.reserve(count);
    for (TxnIndex txn = 0; txn < count; ++txn) {
      if (history_.is_node[txn] != 0 && waits[txn] == 0) order.push_back(txn);
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
      const TxnIndex txn = order[i];
      const auto& session = history_.sessions[txns_.session[txn]];
      const std::uint32_t place = history_.place[txn];
      if (place + 1 < session.size() && --waits[session[place + 1]] == 0) {
        order.push_back(session[place + 1]);
      }
      for (std::uint32_t j = reader_start_[txn]; j < reader_start_[txn + 1]; ++j) {
        if (--waits[readers[j]] == 0) order.push_back(readers[j]);
      }
    }
    return order;
  }

  // A clock counts, per session, the transactions that happened before.  It is kept for as long as
  // a reader or the next one of the session is still to come.
  void from_the_past() {
    const std::vector<TxnIndex> order = in_order();
    const WritePlaces written(txns_, history_);
    const std::size_t width = history_.sessions.size();
    row_of_.assign(txns_.size(), kNobody);
    uses_.assign(txns_.size(), 0);
    clock_.assign(width, 0);
    for (std::size_t i = 0; i < order.size() && !is_stopped(i); ++i) {
      const TxnIndex txn = order[i];
      gather(txn, width);
      for (const ReadFrom& read : history_.reads_of(txn)) past_writes(txn, read, written, width);
      release_known(txn);
      keep(txn, width);
    }
  }

  void merge(TxnIndex from, std::size_t width) {
    const std::uint32_t* const row = &rows_[row_of_[from] * width];
    for (std::size_t s = 0; s < width; ++s) clock_[s] = std::max(clock_[s], row[s]);
  }

  void gather(TxnIndex txn, std::size_t width) {
    std::fill(clock_.begin(), clock_.end(), 0);
    const std::uint32_t place = history_.place[txn];
    if (place > 0) merge(history_.sessions[txns_.session[txn]][place - 1], width);
    for (const ReadFrom& read : history_.reads_of(txn)) {
      if (read.from != history_.initial()) merge(read.from, width);
    }
  }

  // Writes that happened before the reader, but not before the write that it read.
  void past_writes(TxnIndex reader, const ReadFrom& read, const WritePlaces& written,
                   std::size_t width) {
    const bool is_initial = read.from == history_.initial();
    const std::uint32_t* const known = is_initial ? nullptr : &rows_[row_of_[read.from] * width];
    for (const WritePlaces::Run& run : written.runs(read.key)) {
      const std::uint32_t limit = clock_[run.session];
      const std::uint32_t behind = is_initial ? 0 : known[run.session];
      if (limit <= behind) continue;
      const TxnIndex last = written.last_below(run, limit);
      if (last == kNobody || history_.place[last] < behind) continue;
      infer(last, read.from, reader, read.key);
    }
  }

  void release(TxnIndex txn) {
    if (--uses_[txn] > 0) return;
    free_.push_back(row_of_[txn]);
    row_of_[txn] = kNobody;
  }

  void release_known(TxnIndex txn) {
    const std::uint32_t place = history_.place[txn];
    if (place > 0) release(history_.sessions[txns_.session[txn]][place - 1]);
    for (const ReadFrom& read : history_.reads_of(txn)) {
      if (read.from != history_.initial()) release(read.from);
    }
  }

  void keep(TxnIndex txn, std::size_t width) {
    const auto& session = history_.sessions[txns_.session[txn]];
    uses_[txn] = reader_start_[txn + 1] - reader_start_[txn] +
                 (history_.place[txn] + 1 < session.size() ? 1U : 0U);
    if (uses_[txn] == 0) return;
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(rows_.size() / width));
      rows_.resize(rows_.size() + width);
      clock_bytes_ = rows_.capacity() * sizeof(rows_[0]);
    }
    row_of_[txn] = free_.back();
    free_.pop_back();
    std::uint32_t* const row = &rows_[row_of_[txn] * width];
    std::copy(clock_.begin(), clock_.end(), row);
    row[txns_.session[txn]] = history_.place[txn] + 1;
  }

  static constexpr std::size_t kFew = 32;         // reads that are gone through without sorting
  static constexpr std::size_t kRemembered = 64;  // writers that are not looked at again

  const Transactions& txns_;
  const ReadsFrom& history_;
  const Budget& budget_;
  Inference found_;
  std::vector<TxnIndex> known_;
  std::vector<std::pair<TxnKey, std::uint32_t>> sorted_;  // the reads of one transaction
  std::vector<std::uint32_t> reader_start_;               // by transaction: how many read it
  std::vector<std::uint32_t> rows_;                       // clocks
  std::vector<std::size_t> row_of_;
  std::vector<std::uint32_t> uses_;
  std::vector<std::size_t> free_;
  std::vector<std::uint32_t> clock_;
  std::uint64_t clock_bytes_ = 0;
};

}  // namespace

Inference infer(const Transactions& txns, const ReadsFrom& history, WeakModel model,
                const Budget& budget) {
  return Inferring(txns, history, budget).run(model);
}

}  // namespace squall
