// Searching a part of a model's history.
#include "checker/model_part.h"

#include "checker/breadth_search.h"
#include "checker/depth_search.h"
#include "checker/state_space.h"

namespace squall {
namespace {

// What a search needs, all of its own.
struct Setting {
  const ModelRow& row;
  const Values& values;
  const ModelOptions& options;
  std::vector<ModelCall> calls;
  std::vector<OrderOp> ops;
  std::vector<Words> initial{};  // empty: the model's own
  bool is_looking_ahead = true;
  std::vector<std::int64_t> cuts{};
};

std::unique_ptr<Model> prepared(const Setting& setting) {
  std::unique_ptr<Model> model = setting.row.make(setting.values, setting.options);
  std::vector<ModelCall> present;  // the calls of operations that are there
  std::vector<char> is_present(setting.calls.size(), 0);
  for (const OrderOp& op : setting.ops) is_present[op.call] = 1;
  for (std::size_t i = 0; i < setting.calls.size(); ++i) {
    if (is_present[i] != 0) present.push_back(setting.calls[i]);
  }
  model->prepare(present);
  return model;
}

template <template <class> class Search>
class ModelTask final : public SearchTask {
 public:
  explicit ModelTask(Setting setting)
      : setting_(std::move(setting)),
        model_(prepared(setting_)),
        all_(complete(*model_, setting_.calls, setting_.ops)),
        problem_{setting_.ops, all_.infos, {}, setting_.is_looking_ahead, setting_.cuts},
        plan_(make_plan(problem_)),
        space_(*model_, all_.calls, all_.infos, plan_) {
    if (setting_.initial.empty()) setting_.initial.push_back(model_->initial());
    for (const Words& words : setting_.initial) initial_.push_back(space_.intern(words));
    problem_.initial = initial_;
    search_ = std::make_unique<Search<StateSpace>>(problem_, plan_, space_);
  }

  bool run(const SearchLimits& limits, const std::atomic<bool>* is_cancelled) override {
    return plan_.slots <= kMaxConcurrent && search_->run(limits, is_cancelled);
  }
  [[nodiscard]] OrderOutcome outcome() const override {
    return plan_.slots > kMaxConcurrent ? too_many_at_once() : search_->outcome();
  }
  [[nodiscard]] std::string shown(State state) const override {
    return model_->shown(space_.words(state));
  }
  [[nodiscard]] Words words(State state) const { return space_.words(state); }

 private:
  Setting setting_;
  std::unique_ptr<Model> model_;
  ModelCalls all_;
  OrderProblem problem_;
  OrderPlan plan_;
  StateSpace space_;
  std::vector<State> initial_;
  std::unique_ptr<Search<StateSpace>> search_;
};

class ModelOrderPart final : public OrderPart {
 public:
  ModelOrderPart(const ModelRow& row, const Values& values, const ModelOptions& options,
                 ModelPart part)
      : row_(row),
        values_(values),
        options_(options),
        part_(std::move(part)),
        model_(row.make(values, options)) {}

  [[nodiscard]] ValueId key() const override { return part_.key; }
  [[nodiscard]] std::span<const OrderOp> ops() const override { return part_.ops; }
  [[nodiscard]] std::unique_ptr<SearchTask> search(SearchKind kind) const override {
    Setting setting{row_, values_, options_, part_.calls, part_.ops};
    if (kind == SearchKind::kDepth) {
      return std::make_unique<ModelTask<DepthSearch>>(std::move(setting));
    }
    return std::make_unique<ModelTask<BreadthSearch>>(std::move(setting));
  }
  [[nodiscard]] std::optional<OrderOutcome> decide_quickly() const override {
    return outcome_of(model_->decide(part_.ops, part_.calls));
  }
  [[nodiscard]] std::unique_ptr<SearchTask> search_some(std::vector<OrderOp> ops,
                                                        const StartPoint& start,
                                                        bool is_looking_ahead) const override {
    Setting setting{row_, values_, options_, part_.calls, std::move(ops)};
    if (start.cut) setting.initial = at_cuts_[*start.cut];
    setting.is_looking_ahead = is_looking_ahead;
    return std::make_unique<ModelTask<BreadthSearch>>(std::move(setting));
  }
  [[nodiscard]] bool is_pure(CallId call) const override {
    return model_->traits(part_.calls[call]).is_pure;
  }
  [[nodiscard]] bool needs(CallId kept, CallId dropped) const override {
    return model_->needs(part_.calls[kept], part_.calls[dropped]);
  }
  void note_cuts(std::span<const std::int64_t> cuts) override;
  [[nodiscard]] bool can_start_at(std::size_t cut) const override { return !at_cuts_[cut].empty(); }
  [[nodiscard]] std::string did(CallId call) const override {
    return model_->did(part_.calls[call]);
  }
  [[nodiscard]] std::string cut_words() const override { return ", given what came before"; }

 private:
  const ModelRow& row_;
  const Values& values_;
  const ModelOptions& options_;
  ModelPart part_;
  std::unique_ptr<Model> model_;
  std::vector<std::vector<Words>> at_cuts_;
};

// More states than this at a moment explain nothing.
constexpr std::size_t kMaxStatesAtCut = 64;
constexpr SearchLimits kCutLimits{5'000'000, std::uint64_t{64} << 20U};

void ModelOrderPart::note_cuts(std::span<const std::int64_t> cuts) {
  Setting setting{row_, values_, options_, part_.calls, part_.ops};
  setting.cuts.assign(cuts.begin(), cuts.end());
  ModelTask<BreadthSearch> task(std::move(setting));
  (void)task.run(kCutLimits, nullptr);
  at_cuts_.clear();
  for (const std::vector<State>& states : task.outcome().at_cuts) {
    std::vector<Words> words;
    if (states.size() <= kMaxStatesAtCut) {
      for (const State state : states) words.push_back(task.words(state));
    }
    at_cuts_.push_back(std::move(words));
  }
  at_cuts_.resize(cuts.size());
}

}  // namespace

std::unique_ptr<OrderPart> make_part(const ModelRow& row, const Values& values,
                                     const ModelOptions& options, ModelPart part) {
  return std::make_unique<ModelOrderPart>(row, values, options, std::move(part));
}

}  // namespace squall
