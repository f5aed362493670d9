// Rounds of rival searches.
#include "checker/contest.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace squall {
namespace {

// Nearly every part is decided within its first steps, alone; the rest are worth both searches.
constexpr std::uint64_t kFirstSteps = 20'000;
constexpr std::uint64_t kFirstStepsPerOperation = 32;
constexpr std::uint64_t kFirstRound = 100'000;
// Of the memory; as many parts may be under way at once as there are threads.
constexpr std::uint64_t kFirstShare = 32;

}  // namespace

std::optional<OrderOutcome> outcome_of(SpecialOutcome special) {
  if (!special.is_mine()) return std::nullopt;
  OrderOutcome outcome;
  outcome.answer = special.answer == SpecialAnswer::kValid ? Answer::kValid : Answer::kViolated;
  outcome.core = std::move(special.core);
  if (!outcome.core.empty()) outcome.stuck = outcome.core.front();
  return outcome;
}

namespace {

using Parts = std::vector<std::unique_ptr<OrderPart>>;

bool is_cancelled(const Budget& budget) {
  return budget.is_cancelled != nullptr && budget.is_cancelled->load(std::memory_order_relaxed);
}

struct First {
  OrderOutcome outcome;
  bool is_decided = false;
};

First try_alone(const OrderPart& part, const Budget& budget) {
  if (std::optional<OrderOutcome> quick = part.decide_quickly()) return {std::move(*quick), true};
  const std::unique_ptr<SearchTask> task = part.search(SearchKind::kBreadth);
  const std::uint64_t steps = kFirstSteps + kFirstStepsPerOperation * part.ops().size();
  const bool has_answer =
      task->run({std::min(budget.steps, steps), budget.memory / kFirstShare}, budget.is_cancelled);
  First first{task->outcome(), has_answer};
  if (has_answer) return first;
  first.is_decided = !first.outcome.resource.empty();  // no search can do it
  if (is_cancelled(budget)) first.outcome.resource = "the wish to stop";
  return first;
}

struct Rival {
  std::unique_ptr<SearchTask> task;
  bool has_answer = false;
  bool is_exhausted = false;  // of its memory
  std::uint64_t steps = 0;
  std::uint64_t bytes = 0;

  void run(const SearchLimits& limits, const Budget& budget) {
    if (task == nullptr || is_exhausted) return;
    has_answer = task->run(limits, budget.is_cancelled);
    const OrderOutcome outcome = task->outcome();
    steps = outcome.steps;
    bytes = outcome.bytes;
    is_exhausted = !has_answer && steps <= limits.steps;
  }
};

// One part that was too much for the first steps.
class Contest {
 public:
  Contest(const OrderPart& part, const Budget& budget) : budget_(budget) {
    rivals_[0].task = part.search(SearchKind::kBreadth);
    rivals_[1].task = part.search(SearchKind::kDepth);
  }

  // `steps` for both together.
  OrderOutcome run(std::uint64_t steps) {
    const std::uint64_t share = steps / 2;
    for (std::uint64_t limit = std::min(kFirstRound, share);; limit = std::min(2 * limit, share)) {
      for_each(budget_.pool, rivals_.size(), [&](std::size_t i) {
        rivals_[i].run({limit, budget_.memory / 2}, budget_);
      });
      for (Rival& rival : rivals_) {
        if (rival.has_answer) return sum(rival.task->outcome());
      }
      const bool are_exhausted = rivals_[0].is_exhausted && rivals_[1].is_exhausted;
      if (are_exhausted || limit >= share || is_cancelled(budget_)) return give_up(are_exhausted);
    }
  }

 private:
  OrderOutcome give_up(bool are_exhausted) {
    OrderOutcome outcome = sum(rivals_[0].task->outcome());
    outcome.answer = Answer::kUnknown;
    if (is_cancelled(budget_)) {
      outcome.resource = "the wish to stop";
    } else if (are_exhausted) {
      outcome.resource = "the limit of " + std::to_string(budget_.memory >> 20U) + " MiB of memory";
    } else {
      outcome.resource = "the limit of " + std::to_string(budget_.steps) + " steps";
    }
    return outcome;
  }
  OrderOutcome sum(OrderOutcome outcome) const {
    outcome.steps = rivals_[0].steps + rivals_[1].steps;
    outcome.bytes = rivals_[0].bytes + rivals_[1].bytes;
    return outcome;
  }

  const Budget& budget_;
  std::array<Rival, 2> rivals_;
};

}  // namespace

std::vector<OrderOutcome> decide(const Parts& parts, const Budget& budget) {
  std::vector<std::size_t> largest_first(parts.size());
  std::iota(largest_first.begin(), largest_first.end(), std::size_t{0});
  std::stable_sort(largest_first.begin(), largest_first.end(), [&](std::size_t a, std::size_t b) {
    return parts[a]->ops().size() > parts[b]->ops().size();
  });
  std::vector<First> firsts(parts.size());
  for_each(budget.pool, parts.size(), [&](std::size_t i) {
    const std::size_t at = largest_first[i];
    firsts[at] = try_alone(*parts[at], budget);
  });
  std::uint64_t left = budget.steps;
  std::size_t hard = 0;
  for (const First& first : firsts) {
    left -= std::min(left, first.outcome.steps);
    hard += first.is_decided ? 0U : 1U;
  }
  std::vector<OrderOutcome> outcomes;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!firsts[i].is_decided && left > 0 && !is_cancelled(budget)) {
      firsts[i].outcome = Contest(*parts[i], budget).run(left / hard);
      left -= std::min(left, firsts[i].outcome.steps);
    } else if (!firsts[i].is_decided && firsts[i].outcome.resource.empty()) {
      firsts[i].outcome.resource = "the limit of " + std::to_string(budget.steps) + " steps";
    }
    hard -= firsts[i].is_decided ? 0U : 1U;
    outcomes.push_back(std::move(firsts[i].outcome));
  }
  return outcomes;
}

}  // namespace squall
