// queue: every dequeued value had been enqueued, and as often.
#include <algorithm>
#include <unordered_map>

#include "checker/collection_ops.h"
#include "checker/explain.h"
#include "checker/rows.h"

namespace squall {
namespace {

constexpr ParamSpec kParams[] = {kClientParam};
constexpr std::size_t kMaxWitnesses = 10;

// Calls of the enqueues of each value, the earliest first.
using Calls = std::unordered_map<ValueId, std::vector<std::int64_t>>;

Calls calls_of(const History& history, const std::vector<OpIndex>& enqueues) {
  Calls calls;
  for (const OpIndex op : enqueues) {
    calls[history.value()[op]].push_back(certain_interval(history, op).sent);
  }
  for (auto& [value, times] : calls) std::sort(times.begin(), times.end());
  return calls;
}

std::string describe(const History& history, ValueId key, OpIndex dequeue, std::size_t taken) {
  const std::string before =
      taken == 0 ? " before anybody had tried to enqueue it"
                 : " once more than it had been enqueued by then (" + std::to_string(taken) + ")";
  return key_prefix(history.values(), key) + process_name(history, dequeue) + " dequeued " +
         value_text(history.values(), history.value()[dequeue]) + before + " (" +
         operation_name(dequeue) + ")";
}

// In the order of their returns, each takes an enqueue that was called by then.
void check_key(const History& history, ValueId key, const std::vector<OpIndex>& enqueues,
               const std::vector<OpIndex>& dequeues, std::vector<Witness>& witnesses) {
  const Calls calls = calls_of(history, enqueues);
  std::unordered_map<ValueId, std::size_t> taken;
  for (const OpIndex dequeue : by_return(history, dequeues)) {
    const ValueId value = history.value()[dequeue];
    if (value == kNil) continue;  // it found the queue empty
    std::size_t& next = taken[value];
    const auto times = calls.find(value);
    const bool has_come = times != calls.end() && next < times->second.size() &&
                          times->second[next] <= certain_interval(history, dequeue).completed;
    if (has_come) {
      ++next;
    } else {
      witnesses.push_back({{dequeue}, describe(history, key, dequeue, next)});
    }
  }
}

Verdict check(const CheckInput& input) {
  const History& history = input.recording.history;
  const std::string client = input.params.text("client");
  auto enqueues = split_collection(history, client, "enqueue");
  std::uint64_t enqueued = 0;
  std::uint64_t dequeued = 0;
  std::vector<Witness> witnesses;
  for (const auto& [key, ops] : enqueues) enqueued += ops.attempts.size();
  for (const auto& [key, ops] : split_collection(history, client, "dequeue")) {
    dequeued += ops.acknowledged.size();
    check_key(history, key, enqueues[key].attempts, ops.acknowledged, witnesses);
  }
  const std::size_t errors = witnesses.size();
  if (witnesses.size() > kMaxWitnesses) witnesses.resize(kMaxWitnesses);
  Verdict verdict = conclude(
      enqueued + dequeued, std::move(witnesses),
      counted(dequeued, "dequeue") + (dequeued == 1 ? " has its enqueue" : " have their enqueues"),
      "nobody used the queue");
  verdict.facts = {{"enqueues", std::to_string(enqueued)},
                   {"dequeues", std::to_string(dequeued)},
                   {"errors", std::to_string(errors)}};
  return verdict;
}

}  // namespace

const CheckerRow& queue_row() {
  static const CheckerRow kRow{
      "queue",
      "nothing comes out of a queue that did not go in",
      "Operations are enqueue (value: the element) and dequeue (value: what came out; nil: nothing "
      "was there). Semantics as in Jepsen's queue with an unordered model: every enqueue counts as "
      "done when it was called, whatever became of it, and every dequeue that returned ok must "
      "find "
      "its value among those, once for each time that it was enqueued. What stays in the queue is "
      "no violation (total-queue), nor is the order (linearizable). O(n log n).",
      kParams,
      check,
      nullptr,
      {check, true}};
  return kRow;
}

}  // namespace squall
