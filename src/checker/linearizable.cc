// linearizable: each object behaves like a sequential one that every operation meets at one instant
// between its call and its return.
#include <algorithm>

#include "checker/contest.h"
#include "checker/explain.h"
#include "checker/linearizable_witness.h"
#include "checker/model_part.h"
#include "checker/register_part.h"
#include "checker/rows.h"
#include "checker/selection.h"

namespace squall {
namespace {

constexpr std::size_t kMaxWitnesses = 10;

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"model", ParamType::kChoice, "cas-register", "what each key is (multi-register: all keys)",
     "cas-register|register|multi-register|key-value|mutex|semaphore|reentrant-lock|fenced-lock|"
     "fifo-queue|unordered-queue|stack|set|counter|unique-ids|append-list"},
    {"init",
     ParamType::kText,
     "nil",
     "the value of every key before the run, as JSON (mutex: free or held)",
     {}},
    {"nil-read", ParamType::kChoice, "value",
     "a read of nil found nothing there (value), or says nothing (wildcard)", "value|wildcard"},
    {"failed-cas", ParamType::kChoice, "evidence",
     "a compare-and-set that failed by mismatch proves a different value, or is dropped",
     "evidence|dropped"},
    {"permits",
     ParamType::kInteger,
     "0",
     "semaphore: how many may hold it (0: 1); reentrant-lock: how often its holder may (0: any)",
     {}},
};

// The operations of a history as parts, and what they live on.
struct Task {
  ModelOptions options;
  Registers registers;
  std::vector<std::unique_ptr<OrderPart>> parts;
  std::uint64_t seen = 0;
  std::uint64_t observations = 0;
};

Result<> split_as_registers(const CheckInput& input, Task& task) {
  const History& history = input.recording.history;
  task.registers = TRY(split_registers(history, register_options(input.params)));
  task.seen = task.registers.seen;
  task.observations = task.registers.observations;
  for (const KeyRegister& reg : task.registers.keys) {
    task.parts.push_back(make_part(history.values(), reg));
  }
  return {};
}

Result<> split_as_model(const CheckInput& input, const ModelRow& row, Task& task) {
  const History& history = input.recording.history;
  task.options.init = find_value(history.values(), input.params.text("init"));
  task.options.init_text = input.params.text("init");
  task.options.permits = input.params.integer("permits");
  task.options.is_nil_wildcard = input.params.text("nil-read") == "wildcard";
  ModelParts split = TRY(split_model(history, row, task.options, input.params.text("client")));
  task.seen = split.seen;
  task.observations = split.observations;
  for (ModelPart& part : split.parts) {
    task.parts.push_back(make_part(row, history.values(), task.options, std::move(part)));
  }
  return {};
}

std::string describe_crashed(const OrderPart& part, const OrderOutcome& outcome) {
  constexpr std::size_t kMaxNamed = 5;
  if (outcome.crashed.empty()) return "";
  std::string text;
  const std::size_t named = std::min(outcome.crashed.size(), kMaxNamed);
  for (std::size_t i = 0; i < named; ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(part.ops()[outcome.crashed[i]].op);
  }
  if (named < outcome.crashed.size()) text += ", …";
  return "; " + counted(outcome.crashed.size(), "crashed operation") + " in play (" + text + ")";
}

std::string describe_undecided(const History& history, const OrderPart& part,
                               const OrderOutcome& outcome) {
  std::string text = key_prefix(history.values(), part.key()) + outcome.resource + " was reached";
  if (outcome.placed > 0) {
    const OpIndex stuck = part.ops()[outcome.stuck].op;
    text += " at " + operation_name(stuck) + ", " + seconds(history.completed()[stuck]) +
            " into the run, with " + counted(outcome.placed, "return") + " in order";
  }
  return text + describe_crashed(part, outcome);
}

struct Tally {
  std::uint64_t steps = 0;
  std::uint64_t bytes = 0;
  std::vector<std::size_t> violated;
  std::vector<std::size_t> undecided;
};

Tally tally_of(const std::vector<OrderOutcome>& outcomes) {
  Tally tally;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    tally.steps += outcomes[i].steps;
    tally.bytes = std::max(tally.bytes, outcomes[i].bytes);
    if (outcomes[i].answer == Answer::kViolated) tally.violated.push_back(i);
    if (outcomes[i].answer == Answer::kUnknown) tally.undecided.push_back(i);
  }
  return tally;
}

std::vector<Witness> explain_all(const CheckInput& input, const Task& task,
                                 const std::vector<OrderOutcome>& outcomes, const Tally& tally) {
  std::vector<Witness> witnesses(std::min(tally.violated.size(), kMaxWitnesses));
  for_each(input.budget.pool, witnesses.size(), [&](std::size_t i) {
    OrderPart& part = *task.parts[tally.violated[i]];
    witnesses[i] =
        explain(input.recording.history, part, shrink(part, outcomes[tally.violated[i]]));
  });
  return witnesses;
}

Verdict nothing_observed(const Task& task) {
  Verdict verdict;
  verdict.examined = task.seen;
  verdict.summary = task.seen == 0 ? "no operation was acknowledged"
                                   : "nobody read: " + counted(task.seen, "acknowledged write") +
                                         (task.seen == 1 ? " proves" : " prove") + " nothing";
  return verdict;
}

std::string and_more(std::size_t count) {
  return count <= 1 ? "" : " (and " + counted(count - 1, "more key") + ")";
}

Verdict judge(const CheckInput& input, const Task& task) {
  const Recording& recording = input.recording;
  const std::vector<OrderOutcome> outcomes = decide(task.parts, input.budget);
  const Tally tally = tally_of(outcomes);
  const std::string all_well = counted(task.seen, "operation") + " on " +
                               counted(task.parts.size(), "key") + " have an order each";
  Verdict verdict = conclude(task.seen, explain_all(input, task, outcomes, tally), all_well, "");
  if (!verdict.witnesses.empty()) {
    const Window window = window_of(recording.history, verdict.witnesses.front());
    verdict.summary = verdict.witnesses.front().why +
                      while_faults(recording, window.from, window.to) +
                      and_more(tally.violated.size());
  } else if (!tally.undecided.empty()) {
    const std::size_t first = tally.undecided.front();
    verdict.answer = Answer::kUnknown;
    verdict.summary = describe_undecided(recording.history, *task.parts[first], outcomes[first]) +
                      and_more(tally.undecided.size());
  }
  verdict.facts = {{"keys", std::to_string(task.parts.size())},
                   {"operations", std::to_string(task.seen)},
                   {"keys violated", std::to_string(tally.violated.size())},
                   {"keys undecided", std::to_string(tally.undecided.size())},
                   {"steps", std::to_string(tally.steps)},
                   {"peak memory", std::to_string((tally.bytes + 1023) / 1024) + " KiB"}};
  return verdict;
}

Verdict check(const CheckInput& input) {
  Task task;
  const ModelRow* const row = find_model(input.params.text("model"));
  const Result<> split =
      row == nullptr ? split_as_registers(input, task) : split_as_model(input, *row, task);
  if (!split.ok()) {
    Verdict verdict;
    verdict.summary = split.error().what;
    return verdict;
  }
  return task.observations == 0 ? nothing_observed(task) : judge(input, task);
}

}  // namespace

const CheckerRow& linearizable_row() {
  static const CheckerRow kRow{
      "linearizable",
      "each key behaves like a single object with instant operations",
      "For every key there must be one order of its operations that respects real time (an "
      "operation that returned before another was called comes first) and in which a sequential "
      "object of the model would have given the same answers. An operation with outcome info may "
      "take effect at any later time or never; one that failed did not happen. Models and their "
      "operations: register: read, write; cas-register: those and cas (value [from,to]); "
      "multi-register: txn ([[\"read\" or \"write\",key,value],…], all keys at once); key-value: "
      "get, put, append of texts; mutex, semaphore, reentrant-lock: acquire, release; fenced-lock: "
      "acquire that returns a growing number, release; fifo-queue, unordered-queue: enqueue, "
      "dequeue (nil: empty); stack: push, pop; set: add, remove, contains ([value,true]), read; "
      "counter: add, subtract, read; unique-ids: generate; append-list: append, read. The search "
      "is just-in-time linearization (Lowe 2017) over configurations of a state, who is under way, "
      "and how many crashed operations of a kind were used, where what can do no better than "
      "another is dropped; a depth-first rival (Wing and Gong 1993) joins where that takes long. "
      "Registers whose values tell who wrote them are decided by zones (Gibbons and Korach 1997), "
      "such queues by forbidden patterns (Henzinger and others 2013), and sets that only grow by "
      "the "
      "one order that their reads leave: in O(n log n), whatever is under way. "
      "Otherwise time is linear for well-behaved histories and exponential only in what is under "
      "way at "
      "once; steps are counted, and unknown says what was proved when they run out. Clock bounds "
      "of the processes widen the intervals, so that a violation is certain. The witness is a "
      "sub-history that no order explains; what was left out of it cannot mend it. A failed cas "
      "counts as evidence when its error is empty or begins with 'mismatch'.",
      kParams,
      check,
      nullptr,
      {check, true}};
  return kRow;
}

}  // namespace squall
