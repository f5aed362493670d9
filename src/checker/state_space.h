// The states of a model that were met, each stored once and named by a number, and where every call
// leads from them: computed when first asked, then looked up.  The rules of one search.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "checker/jit_plan.h"
#include "checker/models/model.h"
#include "checker/slot_sets.h"

namespace squall {

class StateSpace {
 public:
  StateSpace(const Model& model, std::span<const ModelCall> calls, std::span<const CallInfo> infos,
             const OrderPlan& plan);

  State intern(const Words& words);
  [[nodiscard]] Words words(State state) const;

  State step(State state, CallId call);
  void set_under_way(std::uint32_t slot, CallId call, bool is_under_way);
  void to_come(CallId /*call*/, int /*delta*/) {}
  void crashed_to_come(CallId /*call*/, int /*delta*/) {}
  void settle(State state, std::uint64_t* owed);
  [[nodiscard]] bool is_gainful(State /*state*/, const std::uint64_t* /*used*/,
                                const std::uint64_t* /*owed*/) const {
    return true;
  }
  [[nodiscard]] bool is_of_use(CallId /*call*/) const { return true; }
  [[nodiscard]] bool is_lost(State /*left*/, const std::uint64_t* /*used*/,
                             const std::uint64_t* /*owed*/) const {
    return false;
  }
  [[nodiscard]] bool has_to_stay(State /*state*/, const std::uint64_t* /*used*/,
                                 const std::uint64_t* /*owed*/) const {
    return false;
  }
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  struct Transition {
    std::uint64_t key = kFree;  // state << 32 | call
    State to = 0;
  };
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};

  [[nodiscard]] std::span<const std::uint32_t> view(State state) const;
  [[nodiscard]] std::size_t find_state(std::span<const std::uint32_t> words) const;
  [[nodiscard]] std::size_t find_transition(std::uint64_t key) const;
  void grow_states();
  void grow_transitions();
  [[nodiscard]] std::uint64_t* settled(State state);

  const Model& model_;
  std::span<const ModelCall> calls_;
  std::span<const CallInfo> infos_;
  std::size_t mask_words_;
  std::vector<std::uint32_t> pool_;
  std::vector<std::size_t> begins_{0};  // of each state's words in pool_, and the end
  std::vector<std::uint32_t> table_;    // open addressing: state numbers
  std::vector<Transition> transitions_;
  std::size_t transition_count_ = 0;
  std::vector<CallId> call_in_;  // per slot
  SlotSets pure_;                // slots under way of pure operations
  // Per state, the pure operations under way that are possible in it, as of a version.
  std::uint64_t version_ = 1;
  std::vector<std::uint64_t> settled_;  // [version][bits …] per state
  Words scratch_;
};

}  // namespace squall
