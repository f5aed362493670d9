// Shrinking by re-checking (delta debugging), and the sentence.
#include "checker/linearizable_witness.h"

#include <algorithm>
#include <tuple>

#include "checker/explain.h"

namespace squall {
namespace {

using Ops = std::vector<RegisterOp>;

constexpr std::uint64_t kStepsPerCheck = 2'000'000;
constexpr std::uint64_t kOperationsInAll = 4'000'000;  // over all re-checks of one key
constexpr std::size_t kMaxPossibleNamed = 3;

bool is_called_before(const RegisterOp& a, const RegisterOp& b) {
  return std::tie(a.called, a.op) < std::tie(b.called, b.op);
}

class Shrinker {
 public:
  explicit Shrinker(const KeyRegister& reg) : reg_(reg), ops_(reg.ops) {
    std::sort(ops_.begin(), ops_.end(), is_called_before);
  }
  SmallViolation run();

 private:
  [[nodiscard]] JitOutcome check(const Ops& ops, bool is_any_state, bool is_looking_ahead);
  [[nodiscard]] bool is_violated(const Ops& ops, bool is_any_state);
  void cut_after_stuck();
  void cut_window();
  void drop_operations();
  [[nodiscard]] Ops without(std::size_t first, std::size_t last) const;

  const KeyRegister& reg_;
  Ops ops_;
  bool is_any_state_ = false;
  std::uint64_t work_ = 0;
};

JitOutcome Shrinker::check(const Ops& ops, bool is_any_state, bool is_looking_ahead) {
  work_ += ops.size();
  std::vector<State> initial = {reg_.initial};
  if (is_any_state) {
    // Every value that these operations know, and one more that stands for all the others.
    initial = {reg_.state_count()};
    for (const RegisterOp& op : ops) {
      if (op.call != RegisterCall::kWrite) initial.push_back(op.from);
    }
    std::sort(initial.begin(), initial.end());
    initial.erase(std::unique(initial.begin(), initial.end()), initial.end());
  }
  return linearize({ops, reg_.state_count() + 1, initial, is_looking_ahead},
                   Budget{.steps = kStepsPerCheck});
}

bool Shrinker::is_violated(const Ops& ops, bool is_any_state) {
  return check(ops, is_any_state, true).answer == Answer::kViolated;
}

// What is called after the operation that cannot be placed has nothing to do with it; what returns
// later may as well have crashed.
Ops until(const Ops& ops, std::int64_t end) {
  Ops kept;
  for (RegisterOp op : ops) {
    if (op.called > end) continue;
    if (op.returned > end) {
      if (is_pure(op.call)) continue;
      op.returned = kNever;
    }
    kept.push_back(op);
  }
  return kept;
}

void Shrinker::cut_after_stuck() {
  const JitOutcome outcome = check(ops_, is_any_state_, false);
  if (outcome.answer == Answer::kViolated) ops_ = until(ops_, ops_[outcome.stuck].returned);
}

// What is called from `start` on, with any initial value, and, of what was under way then, the
// changes, each of which may have happened already.
Ops since(const Ops& ops, std::int64_t start) {
  Ops kept;
  for (RegisterOp op : ops) {
    if (op.called < start) {
      if (op.returned < start || is_pure(op.call)) continue;
      op.returned = kNever;
    }
    kept.push_back(op);
  }
  return kept;
}

void Shrinker::cut_window() {
  for (std::size_t count = 2; count < ops_.size() && work_ < kOperationsInAll; count *= 2) {
    Ops window = since(ops_, ops_[ops_.size() - count].called);
    if (window.size() >= ops_.size()) return;
    if (!is_violated(window, true)) continue;
    ops_ = std::move(window);
    is_any_state_ = true;
    return;
  }
}

// `ops_` without those in [first, last) that a correct order can do without: see the header.
Ops Shrinker::without(std::size_t first, std::size_t last) const {
  std::vector<char> is_kept(ops_.size(), 1);
  for (std::size_t i = first; i < last; ++i) is_kept[i] = 0;
  bool is_changed = true;
  while (is_changed) {
    is_changed = false;
    std::vector<char> is_needed(reg_.state_count() + 1, 0);
    bool is_any_needed = false;
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      if (is_kept[i] == 0) continue;
      if (needs_from(ops_[i].call)) is_needed[ops_[i].from] = 1;
      is_any_needed = is_any_needed || ops_[i].call == RegisterCall::kDiffers;
    }
    for (std::size_t i = first; i < last; ++i) {
      if (is_kept[i] != 0 || is_pure(ops_[i].call)) continue;
      if (!is_any_needed && is_needed[ops_[i].to] == 0) continue;
      is_kept[i] = 1;
      is_changed = true;
    }
  }
  Ops kept;
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    if (is_kept[i] != 0) kept.push_back(ops_[i]);
  }
  return kept;
}

void Shrinker::drop_operations() {
  for (std::size_t chunk = std::max<std::size_t>(1, ops_.size() / 2); chunk > 0;) {
    bool is_shorter = false;
    for (std::size_t at = 0; at < ops_.size() && work_ < kOperationsInAll;) {
      Ops smaller = without(at, std::min(at + chunk, ops_.size()));
      if (smaller.size() < ops_.size() && is_violated(smaller, is_any_state_)) {
        ops_ = std::move(smaller);
        is_shorter = true;
      } else {
        at += chunk;
      }
    }
    if (!is_shorter || chunk > 1) chunk /= 2;
  }
}

SmallViolation Shrinker::run() {
  cut_after_stuck();
  cut_window();
  drop_operations();
  cut_after_stuck();
  const JitOutcome last = check(ops_, is_any_state_, false);
  SmallViolation small;
  if (last.answer == Answer::kViolated) {
    small.stuck = ops_[last.stuck];
    small.possible = last.possible;
  } else {
    small.stuck = ops_.back();
  }
  small.ops = std::move(ops_);
  small.is_from_any_state = is_any_state_;
  return small;
}

std::string did(const Values& values, const KeyRegister& reg, const RegisterOp& op) {
  const auto text = [&](State state) { return value_text(values, reg.values[state]); };
  const std::string name = " (" + operation_name(op.op) + ")";
  switch (op.call) {
    case RegisterCall::kRead:
      return " read " + text(op.from) + name;
    case RegisterCall::kWrite:
      return " wrote " + text(op.to) + name;
    case RegisterCall::kCas: {
      return " changed " + text(op.from) + " to " + text(op.to) + name;
    }
    case RegisterCall::kDiffers: {
      return " was told that it is not " + text(op.from) + name;
    }
  }
  return name;
}

bool was_ever(const KeyRegister& reg, State state) {
  if (state == reg.initial) return true;
  return std::any_of(reg.ops.begin(), reg.ops.end(),
                     [&](const RegisterOp& op) { return !is_pure(op.call) && op.to == state; });
}

// ", but only 9 or 3 was possible there"
std::string why_not(const Values& values, const KeyRegister& reg, const SmallViolation& small) {
  if (needs_from(small.stuck.call) && !was_ever(reg, small.stuck.from)) {
    return ", which nobody had written";
  }
  std::string list;
  for (const State state : small.possible) {
    if (state >= reg.state_count()) return "";
    list += (list.empty() ? "" : " or ") + value_text(values, reg.values[state]);
  }
  if (list.empty() || small.possible.size() > kMaxPossibleNamed) return "";
  return ", but only " + list + " was possible there";
}

}  // namespace

SmallViolation shrink(const KeyRegister& reg) {
  return Shrinker(reg).run();
}

Witness explain(const History& history, const KeyRegister& reg, const SmallViolation& small) {
  Witness witness;
  for (const RegisterOp& op : small.ops) witness.operations.push_back(op.op);
  const Values& values = history.values();
  const std::size_t count = small.ops.size();
  witness.why = key_prefix(values, reg.key) + process_name(history, small.stuck.op) +
                did(values, reg, small.stuck) + why_not(values, reg, small);
  if (count > 1)
    witness.why += "; no order of these " + std::to_string(count) + " operations works";
  if (count > 1 && small.is_from_any_state) witness.why += ", whatever the value was before";
  return witness;
}

}  // namespace squall
