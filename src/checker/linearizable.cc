// linearizable: each key behaves like one register that every operation meets at one instant
// between its call and its return.
#include <algorithm>

#include "checker/explain.h"
#include "checker/jit_core.h"
#include "checker/linearizable_witness.h"
#include "checker/register_ops.h"
#include "checker/rows.h"

namespace squall {
namespace {

constexpr std::size_t kMaxWitnesses = 10;

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"model", ParamType::kChoice, "cas-register", "what a key is", "cas-register|register"},
    {"init", ParamType::kText, "nil", "the value of every key before the run, as JSON", {}},
    {"nil-read", ParamType::kChoice, "value",
     "a read of nil found nothing there (value), or says nothing (wildcard)", "value|wildcard"},
    {"failed-cas", ParamType::kChoice, "evidence",
     "a compare-and-set that failed by mismatch proves a different value, or is dropped",
     "evidence|dropped"},
};

struct Tally {
  std::uint64_t steps = 0;
  std::uint64_t bytes = 0;
  std::size_t violated = 0;
  std::vector<std::string> undecided;  // a sentence per key
};

std::string describe_crashed(const KeyRegister& reg, const JitOutcome& outcome) {
  constexpr std::size_t kMaxNamed = 5;
  if (outcome.crashed.empty()) return "";
  std::string text;
  const std::size_t named = std::min(outcome.crashed.size(), kMaxNamed);
  for (std::size_t i = 0; i < named; ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(reg.ops[outcome.crashed[i]].op);
  }
  if (named < outcome.crashed.size()) text += ", …";
  return "; " + counted(outcome.crashed.size(), "crashed operation") + " in play (" + text + ")";
}

std::string describe_undecided(const History& history, const KeyRegister& reg,
                               const JitOutcome& outcome) {
  std::string text = key_prefix(history.values(), reg.key) + outcome.resource + " was reached";
  if (outcome.placed > 0) {
    const OpIndex stuck = reg.ops[outcome.stuck].op;
    text += " at " + operation_name(stuck) + ", " + seconds(history.completed()[stuck]) +
            " into the run, with " + counted(outcome.placed, "return") + " in order";
  }
  return text + describe_crashed(reg, outcome);
}

// The budget is for the whole check: what one key used, the next ones lack.
void check_key(const CheckInput& input, const KeyRegister& reg, Tally& tally,
               std::vector<Witness>& witnesses) {
  Budget budget = input.budget;
  budget.steps -= std::min(budget.steps, tally.steps);
  const State initial[] = {reg.initial};
  const JitOutcome outcome = linearize({reg.ops, reg.state_count(), initial, true}, budget);
  tally.steps += outcome.steps;
  tally.bytes = std::max(tally.bytes, outcome.bytes);
  const History& history = input.recording.history;
  if (outcome.answer == Answer::kUnknown) {
    tally.undecided.push_back(describe_undecided(history, reg, outcome));
  }
  if (outcome.answer != Answer::kViolated) return;
  ++tally.violated;
  if (witnesses.size() < kMaxWitnesses) {
    witnesses.push_back(explain(history, reg, shrink(reg)));
  }
}

Verdict nothing_observed(const Registers& registers) {
  Verdict verdict;
  verdict.examined = registers.seen;
  verdict.summary = registers.seen == 0
                        ? "no operation was acknowledged"
                        : "nobody read: " + counted(registers.seen, "acknowledged write") +
                              (registers.seen == 1 ? " proves" : " prove") + " nothing";
  return verdict;
}

void add_facts(const Registers& registers, const Tally& tally, Verdict& verdict) {
  verdict.facts = {{"keys", std::to_string(registers.keys.size())},
                   {"operations", std::to_string(registers.seen)},
                   {"keys violated", std::to_string(tally.violated)},
                   {"keys undecided", std::to_string(tally.undecided.size())},
                   {"steps", std::to_string(tally.steps)},
                   {"peak memory", std::to_string((tally.bytes + 1023) / 1024) + " KiB"}};
}

Verdict check(const CheckInput& input) {
  const Recording& recording = input.recording;
  const Result<Registers> split =
      split_registers(recording.history, register_options(input.params));
  if (!split.ok()) {
    Verdict verdict;
    verdict.summary = split.error().what;
    return verdict;
  }
  if (split->observations == 0) return nothing_observed(*split);
  Tally tally;
  std::vector<Witness> witnesses;
  for (const KeyRegister& reg : split->keys) check_key(input, reg, tally, witnesses);
  const std::string all_well = counted(split->seen, "operation") + " on " +
                               counted(split->keys.size(), "key") + " have an order each";
  Verdict verdict = conclude(split->seen, std::move(witnesses), all_well, "");
  if (!verdict.witnesses.empty()) {
    const Window window = window_of(recording.history, verdict.witnesses.front());
    verdict.summary =
        verdict.witnesses.front().why + while_faults(recording, window.from, window.to);
    if (tally.violated > 1) {
      verdict.summary += " (and " + counted(tally.violated - 1, "more key") + ")";
    }
  } else if (!tally.undecided.empty()) {
    verdict.answer = Answer::kUnknown;
    verdict.summary = tally.undecided.front();
    if (tally.undecided.size() > 1) {
      verdict.summary += " (and " + counted(tally.undecided.size() - 1, "more key") + ")";
    }
  }
  add_facts(*split, tally, verdict);
  return verdict;
}

}  // namespace

const CheckerRow& linearizable_row() {
  static const CheckerRow kRow{
      "linearizable",
      "each key behaves like a single register with instant operations",
      "Operations are named read, write and cas (value [from,to]). For every key there must be one "
      "order of its operations that respects real time (an operation that returned before another "
      "was called comes first) and in which every read returns the latest value. An operation with "
      "outcome info may take effect at any later time or never. The search is just-in-time "
      "linearization (Lowe 2017), key by key, in time that is linear for well-behaved histories "
      "and exponential only in what is under way at once; it counts its steps, and says unknown, "
      "with what it proved so far, when they run out. Clock bounds of the processes widen the "
      "intervals, so that a violation is certain. The witness is a sub-history that no order "
      "explains; what was left out of it cannot mend it. A failed cas counts as evidence when its "
      "error is empty or begins with 'mismatch'.",
      kParams,
      check,
      nullptr,
      {check, true}};
  return kRow;
}

}  // namespace squall
