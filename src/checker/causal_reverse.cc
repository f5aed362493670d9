// causal-reverse: who sees a write sees all writes that had ended before that one began.
#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

#include "checker/explain.h"
#include "checker/rows.h"
#include "checker/selection.h"

namespace squall {
namespace {

constexpr std::size_t kMaxWitnesses = 10;

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"write", ParamType::kText, "write", "the operation that adds a value", {}},
    {"read", ParamType::kText, "read", "the operation that returns the list of all values", {}},
};

struct Write {
  Interval interval;
  OpIndex op = 0;
  ValueId value = kAbsent;
};

struct KeyWrites {
  std::vector<Write> acknowledged;  // by the time at which they ended
  std::unordered_map<ValueId, Write> by_value;
};

class Reverse {
 public:
  explicit Reverse(const CheckInput& input)
      : history_(input.recording.history),
        chosen_(history_, input.params.text("client")),
        write_(history_.functions().find(input.params.text("write"))),
        read_(history_.functions().find(input.params.text("read"))) {}

  void run() {
    for (OpIndex op = 0; op < history_.size(); ++op) add(op);
    for (auto& [key, writes] : keys_) {
      std::stable_sort(writes.acknowledged.begin(), writes.acknowledged.end(),
                       [](const Write& a, const Write& b) {
                         return a.interval.completed < b.interval.completed;
                       });
    }
    for (OpIndex op = 0; op < history_.size(); ++op) {
      const bool is_read = chosen_.has(op, read_) && history_.outcome()[op] == Outcome::kOk &&
                           history_.value()[op] != kAbsent &&
                           history_.values().kind(history_.value()[op]) == ValueKind::kList;
      if (is_read) look_at(op);
    }
  }

  std::uint64_t reads = 0;
  std::uint64_t wrong = 0;
  std::vector<Witness> witnesses;

 private:
  void add(OpIndex op) {
    const ValueId value = history_.value()[op];
    if (!chosen_.has(op, write_) || value == kAbsent) return;
    if (history_.outcome()[op] == Outcome::kFail) return;
    const Write write{certain_interval(history_, op), op, value};
    KeyWrites& writes = keys_[history_.key()[op]];
    writes.by_value[value] = write;
    if (history_.outcome()[op] == Outcome::kOk) writes.acknowledged.push_back(write);
  }

  void look_at(OpIndex op) {
    ++reads;
    const auto found = keys_.find(history_.key()[op]);
    if (found == keys_.end()) return;
    const KeyWrites& writes = found->second;
    std::vector<ValueId> seen;
    const Write* last = nullptr;  // of what it saw, the one that began last
    for (const ValueId value : history_.values().as_list(history_.value()[op])) {
      const auto write = writes.by_value.find(value);
      if (write == writes.by_value.end()) continue;
      seen.push_back(value);
      const bool is_later = last == nullptr || write->second.interval.sent > last->interval.sent;
      if (is_later) last = &write->second;
    }
    if (last == nullptr) return;
    std::sort(seen.begin(), seen.end());
    for (const Write& write : writes.acknowledged) {
      if (write.interval.completed >= last->interval.sent) return;
      if (!std::binary_search(seen.begin(), seen.end(), write.value))
        return missed(op, write, *last);
    }
  }

  void missed(OpIndex op, const Write& write, const Write& last) {
    ++wrong;
    if (witnesses.size() >= kMaxWitnesses) return;
    const std::string value = value_text(history_.values(), write.value);
    witnesses.push_back({{write.op, last.op, op},
                         key_prefix(history_.values(), history_.key()[op]) +
                             process_name(history_, op) + " saw " +
                             value_text(history_.values(), last.value) + " but not " + value +
                             ", which was acknowledged before that write began (operations " +
                             std::to_string(write.op) + ", " + std::to_string(last.op) + ", " +
                             std::to_string(op) + ")"});
  }

  const History& history_;
  Selection chosen_;
  std::optional<FunctionId> write_;
  std::optional<FunctionId> read_;
  std::map<ValueId, KeyWrites> keys_;
};

Verdict check(const CheckInput& input) {
  Reverse reverse(input);
  reverse.run();
  const bool is_violated = reverse.wrong > 0;
  Verdict verdict = conclude(
      reverse.reads, std::move(reverse.witnesses),
      counted(reverse.reads, "read") + ", none saw an effect without its cause", "nobody read");
  if (is_violated) {
    const Window window = window_of(input.recording.history, verdict.witnesses.front());
    verdict.summary =
        verdict.witnesses.front().why + while_faults(input.recording, window.from, window.to);
    if (reverse.wrong > 1) {
      verdict.summary += " (and " + counted(reverse.wrong - 1, "more read") + ")";
    }
  }
  verdict.facts = {{"reads", std::to_string(reverse.reads)},
                   {"wrong reads", std::to_string(reverse.wrong)}};
  return verdict;
}

}  // namespace

const CheckerRow& causal_reverse_row() {
  static const CheckerRow kRow{
      "causal-reverse", "who sees a write sees all writes that had ended before it began",
      "Writes add a value each, reads return the list of all. A read that returns a value whose "
      "write began after another write had been acknowledged must return that one's value, too: "
      "otherwise the two writes took effect in reverse, which serializability allows and strict "
      "serializability forbids. Clock bounds shrink what is certain. O(r w) at worst for r reads "
      "of w values. Source: the causal-reverse test of Jepsen.",
      kParams, check};
  return kRow;
}

}  // namespace squall
