// Searching one register's operations.
#include "checker/register_part.h"

#include <algorithm>

#include "checker/explain.h"
#include "checker/jit_core.h"
#include "checker/special_register.h"

namespace squall {
namespace {

// In a sub-history only some values occur: numbers them anew, so that what is kept per value stays
// small.  The last number stands for every other value.
class Renumbered final : public SearchTask {
 public:
  Renumbered(std::vector<RegisterOp> ops, State initial, bool is_any_initial, bool is_looking_ahead)
      : ops_(std::move(ops)) {
    for (const RegisterOp& op : ops_) {
      if (op.call != RegisterCall::kWrite) states_.push_back(op.from);
      if (!is_pure(op.call)) states_.push_back(op.to);
    }
    if (!is_any_initial) states_.push_back(initial);
    std::sort(states_.begin(), states_.end());
    states_.erase(std::unique(states_.begin(), states_.end()), states_.end());
    for (RegisterOp& op : ops_) {
      op.from = op.call == RegisterCall::kWrite ? 0 : number(op.from);
      op.to = is_pure(op.call) ? 0 : number(op.to);
    }
    const auto other = static_cast<State>(states_.size());
    if (is_any_initial) {
      for (State state = 0; state <= other; ++state) initial_.push_back(state);
    } else {
      initial_.push_back(number(initial));
    }
    task_ = make_search({ops_, other + 1, initial_, is_looking_ahead}, SearchKind::kBreadth);
  }

  bool run(const SearchLimits& limits, const std::atomic<bool>* is_cancelled) override {
    return task_->run(limits, is_cancelled);
  }
  // Its states are those of the whole register; kImpossible: any that is not in the sub-history.
  [[nodiscard]] OrderOutcome outcome() const override {
    OrderOutcome outcome = task_->outcome();
    for (State& state : outcome.possible) {
      state = state < states_.size() ? states_[state] : kImpossible;
    }
    return outcome;
  }

 private:
  [[nodiscard]] State number(State state) const {
    return static_cast<State>(std::lower_bound(states_.begin(), states_.end(), state) -
                              states_.begin());
  }

  std::vector<RegisterOp> ops_;
  std::vector<State> states_;
  std::vector<State> initial_;
  std::unique_ptr<SearchTask> task_;
};

// Adds words for the states.
class Shown final : public SearchTask {
 public:
  Shown(std::unique_ptr<SearchTask> task, const Values& values, const KeyRegister& reg)
      : task_(std::move(task)), values_(values), reg_(reg) {}
  bool run(const SearchLimits& limits, const std::atomic<bool>* is_cancelled) override {
    return task_->run(limits, is_cancelled);
  }
  [[nodiscard]] OrderOutcome outcome() const override { return task_->outcome(); }
  [[nodiscard]] std::string shown(State state) const override {
    return state < reg_.state_count() ? value_text(values_, reg_.values[state]) : "";
  }

 private:
  std::unique_ptr<SearchTask> task_;
  const Values& values_;
  const KeyRegister& reg_;
};

// Its call ids are positions in the register's operations: shrinking needs no others.
class RegisterPart final : public OrderPart {
 public:
  RegisterPart(const Values& values, const KeyRegister& reg) : values_(values), reg_(reg) {
    ops_.reserve(reg.ops.size());
    for (const RegisterOp& op : reg.ops) {
      ops_.push_back({op.called, op.returned, static_cast<CallId>(ops_.size()), op.op});
    }
  }

  [[nodiscard]] ValueId key() const override { return reg_.key; }
  [[nodiscard]] std::span<const OrderOp> ops() const override { return ops_; }
  [[nodiscard]] bool is_looking_ahead() const override { return true; }
  [[nodiscard]] std::unique_ptr<SearchTask> search(SearchKind kind) const override {
    const State initial[] = {reg_.initial};
    return make_search({reg_.ops, reg_.state_count(), initial, true}, kind);
  }
  [[nodiscard]] std::optional<OrderOutcome> decide_quickly() const override {
    return outcome_of(check_unique_register(reg_.ops, reg_.state_count(), reg_.initial));
  }
  [[nodiscard]] std::unique_ptr<SearchTask> search_some(std::vector<OrderOp> ops,
                                                        const StartPoint& start,
                                                        bool is_looking_ahead) const override {
    std::vector<RegisterOp> register_ops;
    register_ops.reserve(ops.size());
    for (const OrderOp& op : ops) {
      register_ops.push_back(reg_.ops[op.call]);
      register_ops.back().called = op.called;
      register_ops.back().returned = op.returned;
    }
    return std::make_unique<Shown>(
        std::make_unique<Renumbered>(std::move(register_ops), reg_.initial, start.cut.has_value(),
                                     is_looking_ahead),
        values_, reg_);
  }
  [[nodiscard]] bool is_pure(CallId call) const override {
    return squall::is_pure(reg_.ops[call].call);
  }
  [[nodiscard]] bool needs(CallId kept, CallId dropped) const override {
    const RegisterOp& a = reg_.ops[kept];
    const RegisterOp& b = reg_.ops[dropped];
    if (squall::is_pure(b.call)) return false;
    return a.call == RegisterCall::kDiffers || (needs_from(a.call) && a.from == b.to);
  }
  [[nodiscard]] std::string did(CallId call) const override {
    const RegisterOp& op = reg_.ops[call];
    switch (op.call) {
      case RegisterCall::kRead:
        return "read " + text(op.from);
      case RegisterCall::kWrite:
        return "wrote " + text(op.to);
      case RegisterCall::kCas:
        return "changed " + text(op.from) + " to " + text(op.to);
      default:
        return "was told that it is not " + text(op.from);
    }
  }
  [[nodiscard]] std::string never(CallId call) const override {
    const RegisterOp& op = reg_.ops[call];
    if (!needs_from(op.call) || op.from == reg_.initial) return "";
    const bool was_ever =
        std::any_of(reg_.ops.begin(), reg_.ops.end(), [&](const RegisterOp& other) {
          return !squall::is_pure(other.call) && other.to == op.from;
        });
    return was_ever ? "" : ", which nobody had written";
  }
  [[nodiscard]] std::string cut_words() const override { return ", whatever the value was before"; }

 private:
  [[nodiscard]] std::string text(State state) const {
    return value_text(values_, reg_.values[state]);
  }

  const Values& values_;
  const KeyRegister& reg_;
  std::vector<OrderOp> ops_;
};

}  // namespace

std::unique_ptr<OrderPart> make_part(const Values& values, const KeyRegister& reg) {
  return std::make_unique<RegisterPart>(values, reg);
}

}  // namespace squall
