// From a model's calls to what the special cases take.
#include "checker/model_special.h"

#include <unordered_map>
#include <vector>

#include "checker/models/fifo_queue.h"
#include "checker/models/set.h"
#include "checker/special_queue.h"
#include "checker/special_set.h"

namespace squall {
namespace {

// Numbers values densely.
class Dense {
 public:
  std::uint32_t number(std::uint32_t value) {
    return numbers_.try_emplace(value, static_cast<std::uint32_t>(numbers_.size())).first->second;
  }
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(numbers_.size()); }

 private:
  std::unordered_map<std::uint32_t, std::uint32_t> numbers_;
};

// FIFO and unordered queues number their calls alike.
std::optional<OrderOutcome> decide_queue(const ModelPart& part, QueueOrder order) {
  Dense dense;
  std::vector<QueueOp> ops;
  ops.reserve(part.ops.size());
  for (const OrderOp& op : part.ops) {
    const ModelCall& call = part.calls[op.call];
    if (call.kind == FifoQueueModel::kTakeUnknown) return std::nullopt;
    const bool is_empty = call.kind == FifoQueueModel::kFoundNone;
    ops.push_back({op.called, op.returned, call.kind == FifoQueueModel::kPut,
                   is_empty ? kNothingThere : dense.number(call.args[0])});
  }
  return as_outcome(check_unique_queue(ops, dense.count(), order));
}

std::optional<OrderOutcome> decide_set(const ModelPart& part) {
  Dense dense;
  std::vector<std::vector<std::uint32_t>> elements(part.calls.size());
  for (std::size_t i = 0; i < part.calls.size(); ++i) {
    const bool is_known =
        part.calls[i].kind == SetModel::kAdd || part.calls[i].kind == SetModel::kRead;
    if (!is_known) return std::nullopt;
    for (const std::uint32_t value : part.calls[i].args) {
      elements[i].push_back(dense.number(value));
    }
  }
  std::vector<SetOp> ops;
  ops.reserve(part.ops.size());
  for (const OrderOp& op : part.ops) {
    const bool is_add = part.calls[op.call].kind == SetModel::kAdd;
    SetOp out{op.called, op.returned, is_add, is_add ? elements[op.call][0] : 0, {}};
    if (!is_add) out.elements = elements[op.call];
    ops.push_back(out);
  }
  return as_outcome(check_growing_set(ops, dense.count()));
}

}  // namespace

std::optional<OrderOutcome> as_outcome(const SpecialOutcome& special) {
  if (!special.is_mine()) return std::nullopt;
  OrderOutcome outcome;
  const bool is_valid = special.answer == SpecialAnswer::kValid;
  outcome.answer = is_valid ? Answer::kValid : Answer::kViolated;
  outcome.core = special.core;
  if (!outcome.core.empty()) outcome.stuck = outcome.core.back();
  return outcome;
}

std::optional<OrderOutcome> decide_specially(std::string_view model, const ModelPart& part) {
  if (model == "fifo-queue") return decide_queue(part, QueueOrder::kFifo);
  if (model == "unordered-queue") return decide_queue(part, QueueOrder::kNone);
  if (model == "set") return decide_set(part);
  return std::nullopt;
}

}  // namespace squall
