// Just-in-time linearization: the search.  The header says what it computes and how it stays small.
#include "checker/jit_core.h"

#include <algorithm>
#include <bit>

#include "checker/config_set.h"
#include "checker/jit_plan.h"
#include "checker/slot_sets.h"

namespace squall {
namespace {

constexpr std::uint64_t kStateBits = 0xffff'ffffULL;
constexpr std::uint64_t kOneUsed = std::uint64_t{1} << 32U;

class Search {
 public:
  Search(const JitProblem& problem, const Budget& budget, JitPlan plan)
      : problem_(problem),
        budget_(budget),
        plan_(std::move(plan)),
        shape_{std::max<std::size_t>(1, (plan_.slots + 63) / 64), (plan_.classes.size() + 7) / 8},
        called_(plan_.classes.size(), 0),
        op_in_slot_(plan_.slots, 0),
        reads_(problem.state_count, shape_.mask_words),
        differs_(problem.state_count + 1, shape_.mask_words),
        cas_(problem.state_count, shape_.mask_words),
        producers_(problem.state_count, shape_.mask_words),
        kinds_(2, shape_.mask_words),
        twins_(plan_.slots, shape_.mask_words),
        readers_to_come_(problem.state_count, 0),
        producers_to_come_(problem.state_count, 0),
        fitting_(shape_),
        open_(shape_),
        scratch_(shape_.words(), 0) {}

  JitOutcome run();

 private:
  static constexpr std::size_t kMutators = 0;  // indices into kinds_
  static constexpr std::size_t kUnread = 1;

  void start();
  void on_call(const JitEvent& event);
  bool on_return(const JitEvent& event);
  bool place_without_search(std::uint32_t slot);
  void sort_frontier(std::uint32_t slot);
  void expand(std::uint32_t index, std::uint32_t slot);
  void try_op(const std::uint64_t* config, const RegisterOp& op, std::uint32_t slot_of_op,
              std::uint32_t class_of_op, std::uint32_t slot_returning);
  void take_pure(std::uint64_t* config) const;
  void add_open(const std::uint64_t* config);
  [[nodiscard]] bool is_bound_to_stay(const std::uint64_t* config) const;
  [[nodiscard]] bool is_lost_for_good(const std::uint64_t* child, State left) const;
  void set_pending(std::uint32_t op, int sign);
  void rank_among_twins(std::uint32_t op);
  void retire_classes(std::int64_t now);
  bool is_out_of_budget();
  [[nodiscard]] std::uint64_t bytes() const;
  void report(const JitEvent& event, JitOutcome& outcome) const;

  [[nodiscard]] static bool has(const std::uint64_t* config, std::uint32_t slot) {
    return ((config[1 + slot / 64] >> (slot % 64)) & 1U) != 0;
  }
  static void flip(std::uint64_t* config, std::uint32_t slot) {
    config[1 + slot / 64] ^= std::uint64_t{1} << (slot % 64);
  }
  [[nodiscard]] std::uint32_t used(const std::uint64_t* config, std::size_t c) const {
    return (config[1 + shape_.mask_words + c / 8] >> (c % 8 * 8)) & 0xffU;
  }

  const JitProblem& problem_;
  const Budget& budget_;
  JitPlan plan_;
  ConfigShape shape_;
  std::vector<std::uint32_t> called_;  // per class, how many have been called by now
  std::vector<std::uint32_t> live_;    // classes that have been called and are still useful
  std::vector<std::uint32_t> op_in_slot_;
  SlotSets reads_;      // pending reads of a state
  SlotSets differs_;    // pending kDiffers from a state; the last set: all of them
  SlotSets cas_;        // pending compare-and-sets from a state
  SlotSets producers_;  // pending operations that make a state
  SlotSets kinds_;
  SlotSets twins_;  // per slot: those under way that do the same and return earlier
  std::vector<std::uint32_t> readers_to_come_;    // not called yet, per state
  std::vector<std::uint32_t> producers_to_come_;  // the same, crashed ones included while useful
  std::vector<std::uint64_t> frontier_;
  ConfigSet fitting_;  // those in which the returning operation has been placed
  ConfigSet open_;     // those in which it has not
  std::vector<std::vector<std::uint32_t>> levels_;  // of open_, by crashed operations used
  std::vector<std::uint64_t> scratch_;
  std::uint64_t steps_ = 0;
  std::uint64_t widest_ = 0;
  std::string resource_;
};

void Search::start() {
  for (const State state : problem_.initial) {
    std::fill(scratch_.begin(), scratch_.end(), 0);
    scratch_[0] = state;
    frontier_.insert(frontier_.end(), scratch_.begin(), scratch_.end());
  }
  for (std::size_t i = 0; i < problem_.ops.size(); ++i) {
    const RegisterOp& op = problem_.ops[i];
    if (is_crashed(op) && plan_.class_of[i] == kNoSlot) continue;
    // A crashed compare-and-set needs nothing: it may never have happened.
    if (needs_from(op.call) && !is_crashed(op)) ++readers_to_come_[op.from];
    if (!is_pure(op.call)) ++producers_to_come_[op.to];
  }
}

void Search::set_pending(std::uint32_t index, int sign) {
  const RegisterOp& op = problem_.ops[index];
  const std::uint32_t slot = plan_.slot[index];
  if (op.call == RegisterCall::kRead) reads_.flip(op.from, slot);
  if (op.call == RegisterCall::kCas) cas_.flip(op.from, slot);
  if (op.call == RegisterCall::kDiffers) {
    differs_.flip(op.from, slot);
    differs_.flip(problem_.state_count, slot);
  }
  if (is_pure(op.call)) return;
  producers_.flip(op.to, slot);
  kinds_.flip(kMutators, slot);
  if (plan_.is_unread[index] != 0) kinds_.flip(kUnread, slot);
  if (sign > 0) {
    --producers_to_come_[op.to];
    return;
  }
  for (std::uint32_t other = 0; other < plan_.slots; ++other) twins_.set(other, slot, false);
}

// Of two operations under way that do the same, the one that returns earlier may as well go first:
// the other one can then do whatever it could have done.  So a later twin waits.
void Search::rank_among_twins(std::uint32_t index) {
  const RegisterOp& op = problem_.ops[index];
  const std::uint32_t slot = plan_.slot[index];
  for (std::uint32_t other = 0; other < plan_.slots; ++other) {
    twins_.set(slot, other, false);
    const bool is_under_way =
        ((kinds_.of(kMutators)[other / 64] >> (other % 64)) & 1U) != 0 && other != slot;
    if (!is_under_way) continue;
    const RegisterOp& twin = problem_.ops[op_in_slot_[other]];
    if (twin.call != op.call || twin.from != op.from || twin.to != op.to) continue;
    if (twin.returned <= op.returned) {
      twins_.set(slot, other, true);
    } else {
      twins_.set(other, slot, true);
    }
  }
}

void Search::on_call(const JitEvent& event) {
  const RegisterOp& op = problem_.ops[event.op];
  if (is_crashed(op)) {
    const std::uint32_t c = plan_.class_of[event.op];
    if (called_[c]++ == 0) live_.push_back(c);
    return;  // it stays a producer "to come": it may take effect at any time
  }
  op_in_slot_[plan_.slot[event.op]] = event.op;
  if (needs_from(op.call)) --readers_to_come_[op.from];
  set_pending(event.op, +1);
  if (!is_pure(op.call)) rank_among_twins(event.op);
}

// What has no effect is placed at once where the state allows it: that only removes obligations.
void Search::take_pure(std::uint64_t* config) const {
  const State state = static_cast<State>(config[0] & kStateBits);
  const std::uint64_t* reads = reads_.of(state);
  const std::uint64_t* equal = differs_.of(state);
  const std::uint64_t* differing = differs_.of(problem_.state_count);
  for (std::size_t i = 0; i < shape_.mask_words; ++i) {
    config[1 + i] |= reads[i] | (differing[i] & ~equal[i]);
  }
}

// Somebody needs `left` who has not been placed, and nobody can make it again.
bool Search::is_lost_for_good(const std::uint64_t* child, State left) const {
  if (producers_to_come_[left] != 0) return false;
  bool is_needed = readers_to_come_[left] != 0;
  for (std::size_t i = 0; i < shape_.mask_words; ++i) {
    if ((producers_.of(left)[i] & ~child[1 + i]) != 0) return false;
    is_needed = is_needed || ((cas_.of(left)[i] | reads_.of(left)[i]) & ~child[1 + i]) != 0;
  }
  return is_needed;
}

void Search::add_open(const std::uint64_t* config) {
  const std::uint32_t index = open_.insert(config);
  if (index == ConfigSet::kNone) return;
  const auto level = static_cast<std::size_t>(config[0] >> 32U);
  if (levels_.size() <= level) levels_.resize(level + 1);
  levels_[level].push_back(index);
}

void Search::try_op(const std::uint64_t* config, const RegisterOp& op, std::uint32_t slot_of_op,
                    std::uint32_t class_of_op, std::uint32_t slot_returning) {
  const State left = static_cast<State>(config[0] & kStateBits);
  if (!is_possible(op, left)) return;
  ++steps_;
  std::copy(config, config + shape_.words(), scratch_.begin());
  std::uint64_t* child = scratch_.data();
  child[0] = (child[0] & ~kStateBits) | op.to;
  if (slot_of_op != kNoSlot) {
    flip(child, slot_of_op);
  } else {
    child[0] += kOneUsed;
    child[1 + shape_.mask_words + class_of_op / 8] += std::uint64_t{1} << (class_of_op % 8 * 8);
  }
  if (op.call == RegisterCall::kWrite) {
    for (std::size_t i = 0; i < shape_.mask_words; ++i) child[1 + i] |= kinds_.of(kUnread)[i];
  }
  take_pure(child);
  if (problem_.is_looking_ahead && left != op.to && is_lost_for_good(child, left)) return;
  if (has(child, slot_returning)) {
    flip(child, slot_returning);
    fitting_.insert(child);
  } else {
    add_open(child);
  }
}

// Every way on would overwrite a value that somebody still reads and nobody makes again.
bool Search::is_bound_to_stay(const std::uint64_t* config) const {
  const State state = static_cast<State>(config[0] & kStateBits);
  return problem_.is_looking_ahead && readers_to_come_[state] != 0 &&
         is_lost_for_good(config, state);
}

void Search::expand(std::uint32_t index, std::uint32_t slot) {
  if (is_bound_to_stay(open_.at(index))) return;
  // A copy, because adding children moves the set's storage.
  const std::vector<std::uint64_t> config(open_.at(index), open_.at(index) + shape_.words());
  for (std::size_t i = 0; i < shape_.mask_words; ++i) {
    std::uint64_t rest = kinds_.of(kMutators)[i] & ~config[1 + i];
    for (; rest != 0; rest &= rest - 1) {
      const auto other =
          static_cast<std::uint32_t>(i * 64) + static_cast<std::uint32_t>(std::countr_zero(rest));
      if (twins_.has_more(other, &config[1])) continue;
      try_op(config.data(), problem_.ops[op_in_slot_[other]], other, kNoSlot, slot);
    }
  }
  for (const std::uint32_t c : live_) {
    if (used(config.data(), c) >= called_[c]) continue;
    const RegisterOp& op = plan_.classes[c].op;
    if (op.to == (config[0] & kStateBits)) continue;  // changes nothing: not worth an operation
    try_op(config.data(), op, kNoSlot, c, slot);
  }
}

// The common case: the operation has been placed in every configuration already.
bool Search::place_without_search(std::uint32_t slot) {
  const std::size_t words = shape_.words();
  bool is_placed_everywhere = true;
  for (std::size_t at = 0; at < frontier_.size(); at += words) {
    take_pure(&frontier_[at]);
    is_placed_everywhere = is_placed_everywhere && has(&frontier_[at], slot);
  }
  if (!is_placed_everywhere) return false;
  for (std::size_t at = 0; at < frontier_.size(); at += words) flip(&frontier_[at], slot);
  return true;
}

void Search::sort_frontier(std::uint32_t slot) {
  fitting_.clear();
  open_.clear();
  for (auto& level : levels_) level.clear();
  for (std::size_t at = 0; at < frontier_.size(); at += shape_.words()) {
    std::uint64_t* config = &frontier_[at];
    if (has(config, slot)) {
      flip(config, slot);
      fitting_.insert(config);
    } else {
      add_open(config);
    }
  }
}

bool Search::on_return(const JitEvent& event) {
  const std::uint32_t slot = plan_.slot[event.op];
  if (!place_without_search(slot)) {
    sort_frontier(slot);
    for (std::size_t level = 0; level < levels_.size(); ++level) {
      for (std::size_t i = 0; i < levels_[level].size(); ++i) {
        if (is_out_of_budget()) return true;
        const std::uint32_t index = levels_[level][i];
        if (!open_.is_dominated(index)) expand(index, slot);
      }
    }
    if (fitting_.size() == 0) return false;
    fitting_.copy_to(frontier_);
    widest_ = std::max(widest_, bytes());
  }
  set_pending(event.op, -1);
  retire_classes(event.at);
  return true;
}

// What nobody can have seen any more need not be told apart any more: forget who used it.
void Search::retire_classes(std::int64_t now) {
  bool is_changed = false;
  for (std::size_t i = 0; i < live_.size();) {
    const std::uint32_t c = live_[i];
    if (plan_.classes[c].useful_until >= now) {
      ++i;
      continue;
    }
    is_changed = true;
    producers_to_come_[plan_.classes[c].op.to] -= plan_.classes[c].total;
    live_.erase(live_.begin() + static_cast<std::ptrdiff_t>(i));
    for (std::size_t at = 0; at < frontier_.size(); at += shape_.words()) {
      const std::uint64_t count = used(&frontier_[at], c);
      frontier_[at] -= count * kOneUsed;
      frontier_[at + 1 + shape_.mask_words + c / 8] -= count << (c % 8 * 8);
    }
  }
  if (!is_changed) return;
  fitting_.clear();
  for (std::size_t at = 0; at < frontier_.size(); at += shape_.words()) {
    fitting_.insert(&frontier_[at]);
  }
  fitting_.copy_to(frontier_);
}

std::uint64_t Search::bytes() const {
  const std::size_t slots = 4 * problem_.state_count * shape_.mask_words * sizeof(std::uint64_t);
  return fitting_.bytes() + open_.bytes() + frontier_.capacity() * sizeof(std::uint64_t) + slots;
}

bool Search::is_out_of_budget() {
  if (!resource_.empty()) return true;
  if (steps_ > budget_.steps) {
    resource_ = "the limit of " + std::to_string(budget_.steps) + " steps";
  } else if (bytes() > budget_.memory) {
    resource_ = "the limit of " + std::to_string(budget_.memory >> 20U) + " MiB of memory";
  } else if (budget_.is_cancelled != nullptr &&
             budget_.is_cancelled->load(std::memory_order_relaxed)) {
    resource_ = "the wish to stop";
  }
  return !resource_.empty();
}

void Search::report(const JitEvent& event, JitOutcome& outcome) const {
  outcome.stuck = event.op;
  if (!resource_.empty()) {
    outcome.resource = resource_;
    for (std::size_t i = 0; i < problem_.ops.size(); ++i) {
      const bool is_called = problem_.ops[i].called <= event.at;
      const std::uint32_t c = plan_.class_of[i];
      if (is_called && std::find(live_.begin(), live_.end(), c) != live_.end()) {
        outcome.crashed.push_back(i);
      }
    }
    return;
  }
  outcome.answer = Answer::kViolated;
  for (std::uint32_t i = 0; i < open_.size(); ++i) {
    outcome.possible.push_back(static_cast<State>(open_.at(i)[0] & kStateBits));
  }
  std::sort(outcome.possible.begin(), outcome.possible.end());
  outcome.possible.erase(std::unique(outcome.possible.begin(), outcome.possible.end()),
                         outcome.possible.end());
}

JitOutcome Search::run() {
  start();
  JitOutcome outcome;
  outcome.answer = Answer::kValid;
  for (const JitEvent& event : plan_.events) {
    if (!event.is_return) {
      on_call(event);
      continue;
    }
    const bool is_explained = on_return(event);
    if (!is_explained || !resource_.empty()) {
      outcome.answer = Answer::kUnknown;
      report(event, outcome);
      break;
    }
    ++outcome.placed;
  }
  outcome.steps = steps_;
  outcome.bytes = std::max(widest_, bytes());
  return outcome;
}

}  // namespace

JitOutcome linearize(const JitProblem& problem, const Budget& budget) {
  JitPlan plan = make_plan(problem);
  if (plan.slots > kMaxConcurrent) {
    JitOutcome outcome;
    outcome.resource = "the limit of " + std::to_string(kMaxConcurrent) + " operations at once";
    return outcome;
  }
  return Search(problem, budget, std::move(plan)).run();
}

}  // namespace squall
