// The calls of a model in the form that the special cases read, with dense values.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "checker/models/model.h"
#include "checker/special_queue.h"
#include "checker/special_set.h"

namespace squall {

// Numbers values from 0 in the order of their ids.
class DenseValues {
 public:
  void note(std::uint32_t value) { values_.push_back(value); }
  void close() {
    std::sort(values_.begin(), values_.end());
    values_.erase(std::unique(values_.begin(), values_.end()), values_.end());
  }
  [[nodiscard]] std::uint32_t number(std::uint32_t value) const {
    const auto at = std::lower_bound(values_.begin(), values_.end(), value);
    return static_cast<std::uint32_t>(at - values_.begin());
  }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(values_.size()); }

 private:
  std::vector<std::uint32_t> values_;
};

// Kinds: 0 enqueue, 1 dequeue, 2 found nothing, 3 a dequeue that nobody saw the answer of.
inline SpecialOutcome decide_queue(std::span<const OrderOp> ops, std::span<const ModelCall> calls,
                                   QueueOrder order) {
  constexpr std::uint8_t kPut = 0;
  constexpr std::uint8_t kTake = 1;
  DenseValues values;
  for (const OrderOp& op : ops) {
    if (calls[op.call].kind <= kTake) values.note(calls[op.call].args[0]);
  }
  values.close();
  std::vector<QueueOp> queue;
  queue.reserve(ops.size());
  for (const OrderOp& op : ops) {
    const ModelCall& call = calls[op.call];
    queue.push_back({op.called, op.returned, call.kind == kPut,
                     call.kind <= kTake ? values.number(call.args[0]) : kNothingThere});
  }
  return check_unique_queue(queue, values.size(), order);
}

// Kinds: 0 add, 2 read; others are not of the class.  The core has the adds of all that its reads
// have.
inline SpecialOutcome decide_growing_set(std::span<const OrderOp> ops,
                                         std::span<const ModelCall> calls) {
  constexpr std::uint8_t kAdd = 0;
  constexpr std::uint8_t kRead = 2;
  DenseValues values;
  for (const OrderOp& op : ops) {
    const ModelCall& call = calls[op.call];
    if (call.kind != kAdd && call.kind != kRead) return not_mine("not only adds and whole reads");
    for (const std::uint32_t value : call.args) values.note(value);
  }
  values.close();
  std::vector<Words> elements(ops.size());
  std::vector<SetOp> set(ops.size());
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const ModelCall& call = calls[ops[i].call];
    for (const std::uint32_t value : call.args) elements[i].push_back(values.number(value));
    set[i] = {ops[i].called, ops[i].returned, call.kind == kAdd, 0, {}};
    if (call.kind == kAdd) {
      set[i].value = elements[i][0];
    } else {
      set[i].elements = elements[i];
    }
  }
  SpecialOutcome outcome = check_growing_set(set, values.size());
  std::vector<char> is_wanted(values.size(), 0);
  for (const std::size_t op : outcome.core) {
    for (const std::uint32_t value : elements[op]) is_wanted[value] = 1;
  }
  for (std::size_t i = 0; i < ops.size() && !outcome.core.empty(); ++i) {
    if (set[i].is_add && is_wanted[set[i].value] != 0) outcome.core.push_back(i);
  }
  std::sort(outcome.core.begin(), outcome.core.end());
  outcome.core.erase(std::unique(outcome.core.begin(), outcome.core.end()), outcome.core.end());
  return outcome;
}

}  // namespace squall
