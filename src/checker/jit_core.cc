// The searches for an order, for registers.
#include "checker/jit_core.h"

#include "checker/breadth_search.h"
#include "checker/depth_search.h"
#include "checker/register_rules.h"

namespace squall {
namespace {

// A search with everything that it refers to.
template <template <class> class Search>
class RegisterTask final : public SearchTask {
 public:
  explicit RegisterTask(const JitProblem& problem)
      : calls_(problem.ops, problem.state_count),
        initial_(problem.initial.begin(), problem.initial.end()),
        problem_{calls_.ops, calls_.infos, initial_, problem.is_looking_ahead, {}},
        plan_(make_plan(problem_)),
        rules_(calls_, plan_),
        search_(problem_, plan_, rules_) {}

  bool run(const SearchLimits& limits, const std::atomic<bool>* is_cancelled) override {
    return plan_.slots <= kMaxConcurrent && search_.run(limits, is_cancelled);
  }
  [[nodiscard]] OrderOutcome outcome() const override {
    if (plan_.slots > kMaxConcurrent) return too_many_at_once();
    return search_.outcome();
  }

 private:
  RegisterCalls calls_;
  std::vector<State> initial_;
  OrderProblem problem_;
  OrderPlan plan_;
  RegisterRules rules_;
  Search<RegisterRules> search_;
};

}  // namespace

std::unique_ptr<SearchTask> make_search(const JitProblem& problem, SearchKind kind) {
  if (kind == SearchKind::kDepth) return std::make_unique<RegisterTask<DepthSearch>>(problem);
  return std::make_unique<RegisterTask<BreadthSearch>>(problem);
}

OrderOutcome linearize(const JitProblem& problem, const Budget& budget) {
  RegisterTask<BreadthSearch> task(problem);
  return run_to_end(task, budget);
}

}  // namespace squall
