// A register's rules for the search: steps by arithmetic, pending operations by the value they
// need or make, and a look ahead at who still needs a value.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "checker/jit_plan.h"
#include "checker/models/register.h"
#include "checker/slot_sets.h"

namespace squall {

// The operations of one register as a problem for the search.
struct RegisterCalls {
  RegisterCalls(std::span<const RegisterOp> register_ops, State states);

  State state_count = 0;
  std::vector<OrderOp> ops;
  std::vector<CallInfo> infos;
  std::vector<RegisterOp> calls;  // by call id; only call, from and to are meant

 private:
  CallId id_of(const RegisterOp& op);
  CallId add(const RegisterOp& op);
  void find_useful(std::span<const RegisterOp> register_ops);
  std::vector<CallId> writes_;  // by value
  std::vector<CallId> reads_;
  std::vector<CallId> others_;  // compare-and-sets, by open addressing
  void grow_others();
};

class RegisterRules {
 public:
  RegisterRules(const RegisterCalls& calls, const OrderPlan& plan);

  [[nodiscard]] State step(State state, CallId call) const {
    const RegisterOp& op = calls_.calls[call];
    if (!is_possible(op, state)) return kImpossible;
    return is_pure(op.call) ? state : op.to;
  }
  void set_under_way(std::uint32_t slot, CallId call, bool is_under_way);
  void to_come(CallId call, int delta);
  void crashed_to_come(CallId call, int delta);

  void settle(State state, std::uint64_t* owed) const {
    const std::uint64_t* reads = reads_.of(state);
    const std::uint64_t* equal = differs_.of(state);
    const std::uint64_t* differing = differs_.of(calls_.state_count);
    for (std::size_t i = 0; i < words_; ++i) owed[i] &= ~(reads[i] | (differing[i] & ~equal[i]));
  }
  [[nodiscard]] bool is_gainful(State state, const std::uint64_t* used,
                                const std::uint64_t* owed) const {
    const std::uint64_t* reads = reads_.of(state);
    const std::uint64_t* cas = cas_.of(state);
    const std::uint64_t* equal = differs_.of(state);
    const std::uint64_t* differing = differs_.of(calls_.state_count);
    std::uint64_t gain = crashed_from_[state];
    for (std::size_t i = 0; i < words_; ++i) {
      gain |= ((reads[i] | (differing[i] & ~equal[i])) & owed[i]) | (cas[i] & ~used[i]);
    }
    return gain != 0;
  }
  [[nodiscard]] bool is_of_use(CallId call) const {
    const State to = calls_.calls[call].to;
    return (readers_to_come_[to] | crashed_from_[to] | differs_to_come_) != 0 ||
           is_needed_under_way(to);
  }
  [[nodiscard]] bool is_needed_under_way(State state) const {
    const std::uint64_t* differing = differs_.of(calls_.state_count);
    std::uint64_t needed = 0;
    for (std::size_t i = 0; i < words_; ++i) {
      needed |= reads_.of(state)[i] | cas_.of(state)[i] | differing[i];
    }
    return needed != 0;
  }
  [[nodiscard]] bool is_lost(State left, const std::uint64_t* used,
                             const std::uint64_t* owed) const {
    if (producers_to_come_[left] != 0) return false;
    std::uint64_t needed = readers_to_come_[left];
    std::uint64_t made = 0;
    for (std::size_t i = 0; i < words_; ++i) {
      made |= producers_.of(left)[i] & ~used[i];
      needed |= (cas_.of(left)[i] | reads_.of(left)[i]) & owed[i];
    }
    return made == 0 && needed != 0;
  }
  [[nodiscard]] bool has_to_stay(State state, const std::uint64_t* used,
                                 const std::uint64_t* owed) const {
    return readers_to_come_[state] != 0 && is_lost(state, used, owed);
  }
  [[nodiscard]] std::uint64_t bytes() const {
    return std::uint64_t{calls_.state_count} * (4 * words_ + 2) * sizeof(std::uint64_t);
  }

 private:
  const RegisterCalls& calls_;
  std::size_t words_;
  SlotSets reads_;      // under way, by the value that they need
  SlotSets differs_;    // kDiffers under way, by their value; the last set: all of them
  SlotSets cas_;        // compare-and-sets under way, by the value that they need
  SlotSets producers_;  // under way, by the value that they make
  std::vector<std::uint32_t> readers_to_come_;    // not called yet, per value
  std::vector<std::uint32_t> producers_to_come_;  // the same, crashed ones included while useful
  std::uint32_t differs_to_come_ = 0;
  std::vector<std::uint32_t> crashed_from_;  // crashed compare-and-sets that need the value
};

}  // namespace squall
