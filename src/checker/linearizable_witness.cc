// Shrinking by re-checking (delta debugging), and the sentence.
#include "checker/linearizable_witness.h"

#include <algorithm>
#include <tuple>

#include "checker/explain.h"

namespace squall {
namespace {

using Ops = std::vector<OrderOp>;

constexpr SearchLimits kPerCheck{500'000, std::uint64_t{64} << 20U};
constexpr std::uint64_t kOperationsInAll = 2'000'000;  // over all re-checks of one part
constexpr std::size_t kMaxPairwise = 2'000;            // more operations are not compared in pairs
constexpr std::size_t kMaxPossibleNamed = 3;

bool is_called_before(const OrderOp& a, const OrderOp& b) {
  return std::tie(a.called, a.op) < std::tie(b.called, b.op);
}

class Shrinker {
 public:
  explicit Shrinker(OrderPart& part) : part_(part), ops_(part.ops().begin(), part.ops().end()) {
    std::sort(ops_.begin(), ops_.end(), is_called_before);
  }
  SmallViolation run(const OrderOutcome& outcome);

 private:
  [[nodiscard]] bool is_violated(const Ops& ops, const StartPoint& start);
  void keep_only(const std::vector<std::size_t>& core);
  void keep_until(std::int64_t end);
  bool cut_after_stuck();  // false: that took too long
  void cut_window();
  void drop_operations();
  [[nodiscard]] Ops without(std::size_t first, std::size_t last) const;
  [[nodiscard]] bool is_needed(std::size_t dropped, const std::vector<char>& is_kept) const;

  OrderPart& part_;
  Ops ops_;
  StartPoint start_;
  std::uint64_t work_ = 0;
};

bool Shrinker::is_violated(const Ops& ops, const StartPoint& start) {
  work_ += ops.size();
  const std::unique_ptr<SearchTask> task = part_.search_some(ops, start, true);
  return task->run(kPerCheck, nullptr) && task->outcome().answer == Answer::kViolated;
}

void Shrinker::keep_only(const std::vector<std::size_t>& core) {
  ops_.clear();
  for (const std::size_t op : core) ops_.push_back(part_.ops()[op]);
  std::sort(ops_.begin(), ops_.end(), is_called_before);
}

// What is called after the operation that cannot be placed has nothing to do with it; what returns
// later may as well have crashed.
void Shrinker::keep_until(std::int64_t end) {
  Ops kept;
  for (OrderOp op : ops_) {
    if (op.called > end) continue;
    if (op.returned > end) {
      if (part_.is_pure(op.call)) continue;
      op.returned = kNever;
    }
    kept.push_back(op);
  }
  ops_ = std::move(kept);
}

bool Shrinker::cut_after_stuck() {
  work_ += ops_.size();
  const std::unique_ptr<SearchTask> task = part_.search_some(ops_, start_, false);
  if (!task->run(kPerCheck, nullptr)) return false;
  const OrderOutcome outcome = task->outcome();
  if (outcome.answer == Answer::kViolated) keep_until(ops_[outcome.stuck].returned);
  return true;
}

// What is called from `begin` on, and, of what was under way then, the changes, each of which may
// have happened already.
Ops since(const OrderPart& part, const Ops& ops, std::int64_t begin) {
  Ops kept;
  for (OrderOp op : ops) {
    if (op.called < begin) {
      if (op.returned < begin || part.is_pure(op.call)) continue;
      op.returned = kNever;
    }
    kept.push_back(op);
  }
  return kept;
}

void Shrinker::cut_window() {
  std::vector<std::int64_t> begins;  // from the end on, each window twice the one before
  for (std::size_t count = 2; count < ops_.size(); count *= 2) {
    begins.push_back(ops_[ops_.size() - count].called);
  }
  std::vector<std::int64_t> cuts(begins.rbegin(), begins.rend());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  part_.note_cuts(cuts);
  for (std::size_t i = cuts.size(); i > 0 && work_ < kOperationsInAll; --i) {
    const StartPoint start{i - 1};
    if (!part_.can_start_at(i - 1)) continue;
    Ops window = since(part_, ops_, cuts[i - 1]);
    if (window.size() >= ops_.size() || !is_violated(window, start)) continue;
    ops_ = std::move(window);
    start_ = start;
    return;
  }
}

bool Shrinker::is_needed(std::size_t dropped, const std::vector<char>& is_kept) const {
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    if (is_kept[i] != 0 && part_.needs(ops_[i].call, ops_[dropped].call)) return true;
  }
  return false;
}

// `ops_` without those in [first, last) that a correct order can do without.
Ops Shrinker::without(std::size_t first, std::size_t last) const {
  std::vector<char> is_kept(ops_.size(), 1);
  for (std::size_t i = first; i < last; ++i) is_kept[i] = 0;
  for (bool is_changed = true; is_changed;) {
    is_changed = false;
    for (std::size_t i = first; i < last; ++i) {
      if (is_kept[i] != 0 || part_.is_pure(ops_[i].call) || !is_needed(i, is_kept)) continue;
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
  if (ops_.size() > kMaxPairwise) return;
  for (std::size_t chunk = std::max<std::size_t>(1, ops_.size() / 2); chunk > 0;) {
    bool is_shorter = false;
    for (std::size_t at = 0; at < ops_.size() && work_ < kOperationsInAll;) {
      Ops smaller = without(at, std::min(at + chunk, ops_.size()));
      if (smaller.size() < ops_.size() && is_violated(smaller, start_)) {
        ops_ = std::move(smaller);
        is_shorter = true;
      } else {
        at += chunk;
      }
    }
    if (!is_shorter || chunk > 1) chunk /= 2;
  }
}

SmallViolation Shrinker::run(const OrderOutcome& outcome) {
  const bool has_core = !outcome.core.empty();
  if (!part_.is_looking_ahead() && !has_core) {
    keep_until(part_.ops()[outcome.stuck].returned);
  } else if (!part_.is_looking_ahead() || (!cut_after_stuck() && has_core)) {
    keep_only(outcome.core);
  }
  cut_window();
  drop_operations();
  (void)cut_after_stuck();
  SmallViolation small;
  const std::unique_ptr<SearchTask> task = part_.search_some(ops_, start_, false);
  const bool is_explained =
      task->run(kPerCheck, nullptr) && task->outcome().answer == Answer::kViolated;
  small.stuck = is_explained ? ops_[task->outcome().stuck] : ops_.back();
  if (is_explained) {
    for (const State state : task->outcome().possible) small.possible.push_back(task->shown(state));
  }
  small.ops = std::move(ops_);
  small.start = start_;
  return small;
}

// ", but only 9 or 3 was possible there"
std::string why_not(const OrderPart& part, const SmallViolation& small) {
  if (std::string never = part.never(small.stuck.call); !never.empty()) return never;
  if (small.possible.empty() || small.possible.size() > kMaxPossibleNamed) return "";
  std::string list;
  for (const std::string& state : small.possible) {
    if (state.empty()) return "";
    list += (list.empty() ? "" : " or ") + state;
  }
  return ", but only " + list + " was possible there";
}

}  // namespace

SmallViolation shrink(OrderPart& part, const OrderOutcome& outcome) {
  return Shrinker(part).run(outcome);
}

Witness explain(const History& history, const OrderPart& part, const SmallViolation& small) {
  Witness witness;
  for (const OrderOp& op : small.ops) witness.operations.push_back(op.op);
  const std::size_t count = small.ops.size();
  witness.why = key_prefix(history.values(), part.key()) + process_name(history, small.stuck.op) +
                " " + part.did(small.stuck.call) + " (" + operation_name(small.stuck.op) + ")" +
                why_not(part, small);
  if (count > 1) {
    witness.why += "; no order of these " + std::to_string(count) + " operations works";
    if (small.start.cut) witness.why += part.cut_words();
  }
  return witness;
}

}  // namespace squall
