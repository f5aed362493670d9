// counter: every read is between the least and the most that the counter can have been.
#include <algorithm>

#include "checker/collection_ops.h"
#include "checker/explain.h"
#include "checker/rows.h"

namespace squall {
namespace {

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"unread", ParamType::kChoice, "valid",
     "what adds that nobody read prove: no read contradicts them (valid, as Jepsen has it), or "
     "nothing (unknown)",
     "valid|unknown"},
};
constexpr std::size_t kMaxWitnesses = 10;

// Adds by time, with what they come to up to each.
class Sums {
 public:
  void add(std::int64_t at, std::int64_t amount) { entries_.push_back({at, amount}); }
  void close() {
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.at < b.at; });
    std::int64_t sum = 0;
    for (Entry& entry : entries_) {
      sum = shifted(sum, entry.sum);
      entry.sum = sum;
    }
  }
  [[nodiscard]] std::int64_t before(std::int64_t at) const {
    return sum_of(std::partition_point(entries_.begin(), entries_.end(),
                                       [at](const Entry& entry) { return entry.at < at; }));
  }
  [[nodiscard]] std::int64_t until(std::int64_t at) const {
    return sum_of(std::partition_point(entries_.begin(), entries_.end(),
                                       [at](const Entry& entry) { return entry.at <= at; }));
  }

 private:
  struct Entry {
    std::int64_t at;
    std::int64_t sum;  // of this and all before, once closed
  };
  [[nodiscard]] std::int64_t sum_of(std::vector<Entry>::const_iterator end) const {
    return end == entries_.begin() ? 0 : std::prev(end)->sum;
  }
  std::vector<Entry> entries_;
};

// What can move the counter up and down, and what certainly has.
struct Movements {
  Sums certain_up, certain_down;    // at their returns
  Sums possible_up, possible_down;  // at their calls
};

struct Bounds {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

bool is_integer(const History& history, OpIndex op) {
  return history.values().kind(history.value()[op]) == ValueKind::kInteger;
}

Movements movements(const History& history, const CollectionOps& adds) {
  Movements moves;
  for (const OpIndex op : adds.attempts) {
    if (history.outcome()[op] == Outcome::kFail || !is_integer(history, op)) continue;
    const std::int64_t amount = history.values().as_integer(history.value()[op]);
    const Interval interval = certain_interval(history, op);
    (amount > 0 ? moves.possible_up : moves.possible_down).add(interval.sent, amount);
    if (history.outcome()[op] != Outcome::kOk) continue;
    (amount > 0 ? moves.certain_up : moves.certain_down).add(interval.completed, amount);
  }
  for (Sums* sums :
       {&moves.certain_up, &moves.certain_down, &moves.possible_up, &moves.possible_down}) {
    sums->close();
  }
  return moves;
}

// Upwards counts what certainly happened before the read at least, and what was under way by its
// end at most; downwards the reverse.
Bounds bounds_at(const Movements& moves, const Interval& read) {
  return {shifted(moves.certain_up.before(read.sent), moves.possible_down.until(read.completed)),
          shifted(moves.possible_up.until(read.completed), moves.certain_down.before(read.sent))};
}

std::string describe(const History& history, ValueId key, OpIndex read, const Bounds& bounds) {
  const std::string range = bounds.low == bounds.high ? std::to_string(bounds.low)
                                                      : "between " + std::to_string(bounds.low) +
                                                            " and " + std::to_string(bounds.high);
  return key_prefix(history.values(), key) + process_name(history, read) + " read " +
         value_text(history.values(), history.value()[read]) + " when the counter was " + range +
         " (" + operation_name(read) + ")";
}

Verdict check(const CheckInput& input) {
  const History& history = input.recording.history;
  const std::string client = input.params.text("client");
  auto adds = split_collection(history, client, "add");
  std::uint64_t attempts = 0;
  std::uint64_t seen = 0;
  std::uint64_t errors = 0;
  std::vector<Witness> witnesses;
  for (const auto& [key, ops] : adds) attempts += ops.attempts.size();
  for (const auto& [key, reads] : split_collection(history, client, "read")) {
    const Movements moves = movements(history, adds[key]);
    for (const OpIndex read : reads.acknowledged) {
      if (!is_integer(history, read)) continue;
      ++seen;
      const Bounds bounds = bounds_at(moves, certain_interval(history, read));
      const std::int64_t value = history.values().as_integer(history.value()[read]);
      if (value >= bounds.low && value <= bounds.high) continue;
      ++errors;
      if (witnesses.size() < kMaxWitnesses) {
        witnesses.push_back({{read}, describe(history, key, read, bounds)});
      }
    }
  }
  const bool is_unread_valid = seen == 0 && input.params.text("unread") == "valid";
  const std::string all_well = is_unread_valid ? counted(attempts, "add") + ", which nobody read"
                                               : counted(seen, "read") + " within their bounds";
  Verdict verdict = conclude(is_unread_valid ? attempts : seen, std::move(witnesses), all_well,
                             "the counter was never read");
  verdict.facts = {{"adds", std::to_string(attempts)},
                   {"reads", std::to_string(seen)},
                   {"errors", std::to_string(errors)}};
  return verdict;
}

}  // namespace

const CheckerRow& counter_row() {
  static const CheckerRow kRow{
      "counter",
      "every read of a counter is possible given the adds around it",
      "Operations are add (value: an integer, negative to count down) and read (value: an "
      "integer); "
      "a counter begins at 0. Semantics as in Jepsen's counter: a read may return anything from "
      "the sum of the adds that had returned before it was called to the sum of those that had "
      "been called before it returned; for negative adds the other way round. A failed add did not "
      "happen, one that ended in info counts as under way for ever. Clock bounds of the processes "
      "widen the range. Reads are judged one by one: two that are possible each may still be "
      "impossible together. O(n log n).",
      kParams,
      check,
      nullptr,
      {check, true}};
  return kRow;
}

}  // namespace squall
