// total-queue: what went into a queue came out of it.
#include <algorithm>
#include <unordered_map>

#include "checker/collection_ops.h"
#include "checker/explain.h"
#include "checker/rows.h"

namespace squall {
namespace {

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"duplicates", ParamType::kChoice, "allowed",
     "whether a value may come out more often than it went in", "allowed|violation"},
};

// How often a value was enqueued and dequeued, and by whom first.
struct Value {
  std::uint64_t attempts = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t dequeued = 0;
  std::uint64_t unexpected = 0;  // came out before anybody had tried to enqueue it; not dequeued
  OpIndex first_enqueue = 0;
  OpIndex last_dequeue = 0;
  OpIndex stranger = 0;  // one of the unexpected
  std::int64_t first_call = kNever;
};

// Counted as Jepsen counts: each occurrence of a value once.
struct Totals {
  std::uint64_t attempts = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t ok = 0;
  std::uint64_t lost = 0;
  std::uint64_t unexpected = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t recovered = 0;
  std::uint64_t crashed_dequeues = 0;
};

class Queue {
 public:
  Queue(const History& history, ValueId key) : history_(history), key_(key) {}

  void enqueue(const CollectionOps& ops) {
    for (const OpIndex op : ops.attempts) {
      Value& value = at(history_.value()[op]);
      if (value.attempts++ == 0) value.first_enqueue = op;
      value.first_call = std::min(value.first_call, certain_interval(history_, op).sent);
    }
    for (const OpIndex op : ops.acknowledged) ++at(history_.value()[op]).acknowledged;
  }

  void dequeue(const CollectionOps& ops) {
    for (const OpIndex op : ops.acknowledged) {
      if (history_.value()[op] != kNil) take(history_.value()[op], op);
    }
  }

  void drain(const CollectionOps& ops) {
    for (const OpIndex op : ops.acknowledged) {
      if (history_.values().kind(history_.value()[op]) != ValueKind::kList) continue;
      for (const ValueId item : items_of(history_.values(), history_.value()[op])) take(item, op);
    }
  }

  void sum_up(Totals& totals) {
    for (const ValueId id : order_) {
      const Value& value = values_[id];
      totals.attempts += value.attempts;
      totals.acknowledged += value.acknowledged;
      totals.ok += std::min(value.attempts, value.dequeued);
      totals.lost += missing(value);
      totals.unexpected += value.unexpected;
      totals.duplicated += extra(value);
      totals.recovered += recovered(value);
    }
  }

  void explain_lost(std::vector<Witness>& witnesses) {
    for (const ValueId id : order_) {
      const Value& value = values_[id];
      if (missing(value) == 0) continue;
      witnesses.push_back({{value.first_enqueue},
                           name(id) + " was enqueued (" + operation_name(value.first_enqueue) +
                               ") and never came out"});
    }
  }

  void explain_unexpected(std::vector<Witness>& witnesses) {
    for (const ValueId id : order_) {
      const Value& value = values_[id];
      if (value.unexpected == 0) continue;
      witnesses.push_back({{value.stranger},
                           name(id) + " came out (" + operation_name(value.stranger) +
                               "), but nobody had tried to enqueue it"});
    }
  }

  void explain_duplicated(std::vector<Witness>& witnesses) {
    for (const ValueId id : order_) {
      const Value& value = values_[id];
      if (extra(value) == 0) continue;
      std::vector<OpIndex> ops = {value.first_enqueue, value.last_dequeue};
      std::sort(ops.begin(), ops.end());
      witnesses.push_back(
          {std::move(ops), name(id) + " came out " + counted(value.dequeued, "time") +
                               ", but went in only " + counted(value.attempts, "time")});
    }
  }

 private:
  static std::uint64_t over(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }
  static std::uint64_t missing(const Value& value) {
    return over(value.acknowledged, value.dequeued);
  }
  static std::uint64_t extra(const Value& value) { return over(value.dequeued, value.attempts); }
  static std::uint64_t recovered(const Value& value) {
    return over(std::min(value.attempts, value.dequeued), value.acknowledged);
  }

  Value& at(ValueId id) {
    const auto [it, is_new] = values_.try_emplace(id);
    if (is_new) order_.push_back(id);
    return it->second;
  }
  void take(ValueId id, OpIndex op) {
    Value& value = at(id);
    if (certain_interval(history_, op).completed < value.first_call) {
      ++value.unexpected;
      value.stranger = op;
      return;
    }
    ++value.dequeued;
    value.last_dequeue = op;
  }
  [[nodiscard]] std::string name(ValueId id) const {
    return key_prefix(history_.values(), key_) + value_text(history_.values(), id);
  }

  const History& history_;
  ValueId key_;
  std::unordered_map<ValueId, Value> values_;
  std::vector<ValueId> order_;  // of first use
};

std::vector<std::pair<std::string, std::string>> facts_of(const Totals& totals) {
  return {{"enqueues", std::to_string(totals.attempts)},
          {"acknowledged", std::to_string(totals.acknowledged)},
          {"dequeued", std::to_string(totals.ok)},
          {"lost", std::to_string(totals.lost)},
          {"unexpected", std::to_string(totals.unexpected)},
          {"duplicated", std::to_string(totals.duplicated)},
          {"recovered", std::to_string(totals.recovered)},
          {"crashed dequeues", std::to_string(totals.crashed_dequeues)}};
}

enum class Finding : std::uint8_t { kAll, kStrangers };

Verdict judge(const CheckInput& input, Finding finding) {
  const History& history = input.recording.history;
  const std::string client = input.params.text("client");
  std::map<ValueId, Queue> queues;
  Totals totals;
  const auto for_each = [&](std::string_view function, auto&& what) {
    for (const auto& [key, ops] : split_collection(history, client, function)) {
      what(queues.try_emplace(key, history, key).first->second, ops);
    }
  };
  for_each("enqueue", [](Queue& queue, const CollectionOps& ops) { queue.enqueue(ops); });
  for_each("dequeue", [&](Queue& queue, const CollectionOps& ops) {
    queue.dequeue(ops);
    totals.crashed_dequeues += ops.crashed;
  });
  for_each("drain", [&](Queue& queue, const CollectionOps& ops) {
    queue.drain(ops);
    totals.crashed_dequeues += ops.crashed > 0 ? history.size() : 0;
  });
  std::vector<Witness> witnesses;
  const bool is_explained = totals.crashed_dequeues > 0;
  for (auto& [key, queue] : queues) queue.sum_up(totals);
  const bool has_certain_loss = finding == Finding::kAll && totals.lost > totals.crashed_dequeues;
  for (auto& [key, queue] : queues) {
    if (has_certain_loss) queue.explain_lost(witnesses);
    queue.explain_unexpected(witnesses);
    if (finding == Finding::kAll && input.params.text("duplicates") == "violation") {
      queue.explain_duplicated(witnesses);
    }
  }
  Verdict verdict =
      conclude(totals.attempts + totals.unexpected, std::move(witnesses),
               counted(totals.acknowledged, "acknowledged enqueue") + ", all of them came out",
               "nobody used the queue");
  if (verdict.answer == Answer::kValid && totals.lost > 0) {
    verdict.answer = Answer::kUnknown;
    verdict.summary = counted(totals.lost, "acknowledged enqueue") + " never came out" +
                      (is_explained ? ", but dequeues that crashed may have taken as many" : "");
  }
  verdict.facts = facts_of(totals);
  return verdict;
}

Verdict check(const CheckInput& input) {
  return judge(input, Finding::kAll);
}
// What has not come out may yet do so, and what came out twice may yet go in again.
Verdict check_early(const CheckInput& input) {
  return judge(input, Finding::kStrangers);
}

}  // namespace

const CheckerRow& total_queue_row() {
  static const CheckerRow kRow{
      "total-queue",
      "everything that went into a queue came out of it",
      "Operations are enqueue (value: the element), dequeue (value: what came out; nil: nothing "
      "was "
      "there) and drain (value: a list of all that came out). Semantics as in Jepsen's "
      "total-queue, "
      "for runs that empty the queue at their end: every acknowledged enqueue must have come out, "
      "and nothing that nobody had tried to enqueue by then. Values that came out more often than "
      "they "
      "went "
      "in are counted, and are a violation if duplicates=violation. A dequeue that ended in info "
      "may have taken a value with it: losses that such dequeues can account for make the answer "
      "unknown. Runs in linear time.",
      kParams,
      check,
      nullptr,
      {check_early, true}};
  return kRow;
}

}  // namespace squall
