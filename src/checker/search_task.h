// A search for an order that can be interrupted and gone on with.
#pragma once

#include <atomic>
#include <string>

#include "checker/checker.h"
#include "checker/order.h"

namespace squall {

class SearchTask {
 public:
  SearchTask() = default;
  SearchTask(const SearchTask&) = delete;
  SearchTask& operator=(const SearchTask&) = delete;
  virtual ~SearchTask() = default;
  // Goes on until it has an answer (true) or a limit, counted from the start, is reached.
  virtual bool run(const SearchLimits& limits, const std::atomic<bool>* is_cancelled) = 0;
  // After run() returned true; before that, how far it got.
  [[nodiscard]] virtual OrderOutcome outcome() const = 0;
  // A state of the outcome, for people; "" if there is no word for it.
  [[nodiscard]] virtual std::string shown(State /*state*/) const { return ""; }
};

// More under way than kMaxConcurrent.
[[nodiscard]] OrderOutcome too_many_at_once();
// Runs one search to the end or to a limit, and names the limit.
[[nodiscard]] OrderOutcome run_to_end(SearchTask& task, const Budget& budget);
// "the limit of 20 steps", …: which limit stopped a search that has used this much.
[[nodiscard]] std::string limit_reached(const OrderOutcome& outcome, const Budget& budget);

}  // namespace squall
