// Limits of searches, as words.
#include "checker/search_task.h"

namespace squall {

OrderOutcome too_many_at_once() {
  OrderOutcome outcome;
  outcome.resource = "the limit of " + std::to_string(kMaxConcurrent) + " operations at once";
  return outcome;
}

std::string limit_reached(const OrderOutcome& outcome, const Budget& budget) {
  if (outcome.steps > budget.steps) {
    return "the limit of " + std::to_string(budget.steps) + " steps";
  }
  if (budget.is_cancelled != nullptr && budget.is_cancelled->load(std::memory_order_relaxed)) {
    return "the wish to stop";
  }
  return "the limit of " + std::to_string(budget.memory >> 20U) + " MiB of memory";
}

OrderOutcome run_to_end(SearchTask& task, const Budget& budget) {
  const bool has_answer = task.run({budget.steps, budget.memory}, budget.is_cancelled);
  OrderOutcome outcome = task.outcome();
  if (has_answer || !outcome.resource.empty()) return outcome;
  outcome.answer = Answer::kUnknown;
  outcome.resource = limit_reached(outcome, budget);
  return outcome;
}

}  // namespace squall
