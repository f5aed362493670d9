// Vector clocks along sessions and reads, kept for as long as somebody needs them.
//
// Of a key's writes, in the order in which they are met, most are known to everybody:
//
//    w1 w2 w3 w4 │ w5 w6 w7        all sessions know w1 … w4, and so does whoever comes now
//                │     read        so that only w5 … can be what the reader knows and w6 did not
//
// Where a session stands still and that mark with it, the writes of each session are searched.
#include "checker/txn/past.h"

#include <algorithm>
#include <numeric>

namespace squall {
namespace {

class Past {
 public:
  Past(const Transactions& txns, const ReadsFrom& history, const Budget& budget)
      : txns_(txns),
        history_(history),
        budget_(budget),
        written_(txns, history),
        width_(history.sessions.size()) {}

  Inference run() {
    const std::vector<TxnIndex> order = in_order();
    row_of_.assign(txns_.size(), kNoRow);
    uses_.assign(txns_.size(), 0);
    clock_.assign(width_, 0);
    done_.assign(width_, 0);
    everybody_.assign(width_, 0);
    prepare_keys();
    const std::size_t between = std::max<std::size_t>(256, width_ * width_ / 8);
    for (std::size_t i = 0; i < order.size() && !is_stopped(i); ++i) {
      if (i % between == 0) ask_everybody();
      const TxnIndex txn = order[i];
      gather(txn);
      for (const ReadFrom& read : history_.reads_of(txn)) past_writes(txn, read);
      release_known(txn);
      keep(txn);
      add_writes(txn);
      ++done_[txns_.session[txn]];
    }
    return std::move(found_);
  }

 private:
  struct Met {
    std::uint32_t session;
    std::uint32_t place;
  };

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

  bool is_stopped(std::size_t step) {
    constexpr std::size_t kBetweenLooks = 4096;
    if (step % kBetweenLooks != 0) return false;
    const std::uint64_t bytes =
        found_.edges.capacity() * sizeof(Inferred) + rows_.capacity() * sizeof(rows_[0]);
    found_.peak_bytes = std::max(found_.peak_bytes, bytes);
    if (bytes > budget_.memory / 2) found_.exhausted = "memory";
    if (budget_.is_cancelled != nullptr && budget_.is_cancelled->load()) {
      found_.exhausted = "somebody asked to stop";
    }
    return !found_.exhausted.empty();
  }

  void prepare_keys() {
    met_start_.assign(txns_.names.keys() + 1, 0);
    for (const TxnKey key : history_.writes) ++met_start_[key + 1];
    std::partial_sum(met_start_.begin(), met_start_.end(), met_start_.begin());
    met_end_.assign(met_start_.begin(), met_start_.end() - 1);
    known_to_all_ = met_end_;
    met_.resize(met_start_.back());
    known_before_.assign(history_.writes.size(), 0);
  }

  // What the latest of every session that goes on knows; who has not begun knows nothing.
  void ask_everybody() {
    std::fill(everybody_.begin(), everybody_.end(), 0xffff'ffffU);
    for (std::size_t s = 0; s < width_; ++s) {
      const auto& session = history_.sessions[s];
      if (done_[s] == session.size()) continue;
      const TxnIndex last = done_[s] == 0 ? kNobody : session[done_[s] - 1];
      for (std::size_t of = 0; of < width_; ++of) {
        const std::uint32_t knows = last == kNobody ? 0 : row(last)[of];
        everybody_[of] = std::min(everybody_[of], knows);
      }
    }
  }

  void add_writes(TxnIndex txn) {
    const auto writes = history_.writes_of(txn);
    for (std::size_t i = 0; i < writes.size(); ++i) {
      const TxnKey key = writes[i];
      std::uint32_t& mark = known_to_all_[key];
      while (mark < met_end_[key] && met_[mark].place < everybody_[met_[mark].session]) ++mark;
      known_before_[history_.write_start[txn] + i] = mark;
      met_[met_end_[key]++] = {txns_.session[txn], history_.place[txn]};
    }
  }

  std::uint32_t* row(TxnIndex txn) { return &rows_[row_of_[txn] * width_]; }

  void merge(TxnIndex from) {
    const std::uint32_t* const other = row(from);
    for (std::size_t s = 0; s < width_; ++s) clock_[s] = std::max(clock_[s], other[s]);
  }

  // A clock counts, per session, the transactions that happened before.
  void gather(TxnIndex txn) {
    std::fill(clock_.begin(), clock_.end(), 0);
    const std::uint32_t place = history_.place[txn];
    if (place > 0) merge(history_.sessions[txns_.session[txn]][place - 1]);
    for (const ReadFrom& read : history_.reads_of(txn)) {
      if (read.from != history_.initial()) merge(read.from);
    }
  }

  void infer(TxnIndex earlier, TxnIndex reader, const ReadFrom& read) {
    if (earlier != read.from) found_.edges.push_back({earlier, read.from, reader, read.key});
  }

  // Writes that happened before the reader, but not before the write that it read.
  void past_writes(TxnIndex reader, const ReadFrom& read) {
    const auto runs = written_.runs(read.key);
    if (read.from != history_.initial()) {
      const auto keys = history_.writes_of(read.from);
      const auto at = std::lower_bound(keys.begin(), keys.end(), read.key) - keys.begin();
      const std::uint32_t begin =
          known_before_[history_.write_start[read.from] + static_cast<std::uint32_t>(at)];
      const std::uint32_t end = met_end_[read.key];
      if (end - begin <= 4 * runs.size()) return among(reader, read, begin, end);
    }
    const bool is_initial = read.from == history_.initial();
    const std::uint32_t* const known = is_initial ? nullptr : row(read.from);
    for (const WritePlaces::Run& run : runs) {
      const std::uint32_t limit = clock_[run.session];
      const std::uint32_t behind = is_initial ? 0 : known[run.session];
      if (limit <= behind) continue;
      const TxnIndex last = written_.last_below(run, limit);
      if (last == kNobody || history_.place[last] < behind) continue;
      infer(last, reader, read);
    }
  }

  void among(TxnIndex reader, const ReadFrom& read, std::uint32_t begin, std::uint32_t end) {
    const std::uint32_t* const known = row(read.from);
    for (std::uint32_t i = begin; i < end; ++i) {
      const Met met = met_[i];
      if (met.place >= clock_[met.session] || met.place < known[met.session]) continue;
      infer(history_.sessions[met.session][met.place], reader, read);
    }
  }

  void release(TxnIndex txn) {
    if (--uses_[txn] > 0) return;
    free_.push_back(row_of_[txn]);
    row_of_[txn] = kNoRow;
  }

  void release_known(TxnIndex txn) {
    const std::uint32_t place = history_.place[txn];
    if (place > 0) release(history_.sessions[txns_.session[txn]][place - 1]);
    for (const ReadFrom& read : history_.reads_of(txn)) {
      if (read.from != history_.initial()) release(read.from);
    }
  }

  void keep(TxnIndex txn) {
    const auto& session = history_.sessions[txns_.session[txn]];
    uses_[txn] = reader_start_[txn + 1] - reader_start_[txn] +
                 (history_.place[txn] + 1 < session.size() ? 1U : 0U);
    if (uses_[txn] == 0) return;
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(rows_.size() / width_));
      rows_.resize(rows_.size() + width_);
    }
    row_of_[txn] = free_.back();
    free_.pop_back();
    std::copy(clock_.begin(), clock_.end(), row(txn));
    row(txn)[txns_.session[txn]] = history_.place[txn] + 1;
  }

  static constexpr std::uint32_t kNoRow = 0xffff'ffffU;

  const Transactions& txns_;
  const ReadsFrom& history_;
  const Budget& budget_;
  const WritePlaces written_;
  std::size_t width_;
  Inference found_;
  std::vector<std::uint32_t> reader_start_;  // by transaction: how many read it, summed up
  std::vector<std::uint32_t> rows_;          // clocks, width_ numbers each
  std::vector<std::uint32_t> row_of_;        // by transaction
  std::vector<std::uint32_t> uses_;          // by transaction: who still needs its clock
  std::vector<std::uint32_t> free_;          // rows
  std::vector<std::uint32_t> clock_;         // of the transaction in hand
  std::vector<std::uint32_t> done_;          // by session
  std::vector<std::uint32_t> everybody_;     // what every session knows of each
  std::vector<std::uint32_t> met_start_;     // by key, in met_
  std::vector<std::uint32_t> met_end_;
  std::vector<std::uint32_t> known_to_all_;  // by key: where that ends
  std::vector<Met> met_;                     // writes of each key in the order of meeting them
  std::vector<std::uint32_t> known_before_;  // by write: known_to_all_ when it was met
};

}  // namespace

Inference infer_from_the_past(const Transactions& txns, const ReadsFrom& history,
                              const Budget& budget) {
  return Past(txns, history, budget).run();
}

}  // namespace squall
