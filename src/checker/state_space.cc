// Interning of states and memory of transitions.
#include "checker/state_space.h"

#include <algorithm>
#include <bit>

namespace squall {
namespace {

constexpr std::size_t kFirstCells = 64;
constexpr std::uint32_t kNoState = 0xffff'ffffU;

std::uint64_t hash_words(std::span<const std::uint32_t> words) {
  std::uint64_t h = words.size() * 0x9e37'79b9'7f4a'7c15ULL;
  for (const std::uint32_t word : words) h = (h ^ (h >> 29U) ^ word) * 0xbf58'476d'1ce4'e5b9ULL;
  return h ^ (h >> 32U);
}

}  // namespace

StateSpace::StateSpace(const Model& model, std::span<const ModelCall> calls,
                       std::span<const CallInfo> infos, const OrderPlan& plan)
    : model_(model),
      calls_(calls),
      infos_(infos),
      mask_words_(std::max<std::size_t>(1, (plan.slots + 63) / 64)),
      table_(kFirstCells, kNoState),
      transitions_(kFirstCells),
      call_in_(plan.slots, 0),
      pure_(1, mask_words_) {}

std::span<const std::uint32_t> StateSpace::view(State state) const {
  return std::span(pool_).subspan(begins_[state], begins_[state + 1] - begins_[state]);
}

Words StateSpace::words(State state) const {
  const auto words = view(state);
  return {words.begin(), words.end()};
}

std::size_t StateSpace::find_state(std::span<const std::uint32_t> words) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t cell = hash_words(words) & mask;
  while (table_[cell] != kNoState && !std::ranges::equal(view(table_[cell]), words)) {
    cell = (cell + 1) & mask;
  }
  return cell;
}

void StateSpace::grow_states() {
  table_.assign(table_.size() * 2, kNoState);
  for (std::uint32_t state = 0; state + 1 < begins_.size(); ++state) {
    table_[find_state(view(state))] = state;
  }
}

State StateSpace::intern(const Words& words) {
  std::size_t cell = find_state(words);
  if (table_[cell] != kNoState) return table_[cell];
  if (2 * begins_.size() >= table_.size()) {
    grow_states();
    cell = find_state(words);
  }
  const auto state = static_cast<State>(begins_.size() - 1);
  pool_.insert(pool_.end(), words.begin(), words.end());
  begins_.push_back(pool_.size());
  table_[cell] = state;
  return state;
}

std::size_t StateSpace::find_transition(std::uint64_t key) const {
  const std::size_t mask = transitions_.size() - 1;
  std::uint64_t h = key * 0x9e37'79b9'7f4a'7c15ULL;
  std::size_t cell = (h ^ (h >> 32U)) & mask;
  while (transitions_[cell].key != key && transitions_[cell].key != kFree) cell = (cell + 1) & mask;
  return cell;
}

void StateSpace::grow_transitions() {
  std::vector<Transition> old(transitions_.size() * 2);
  std::swap(old, transitions_);
  for (const Transition& transition : old) {
    if (transition.key != kFree) transitions_[find_transition(transition.key)] = transition;
  }
}

State StateSpace::step(State state, CallId call) {
  const std::uint64_t key = std::uint64_t{state} << 32U | call;
  std::size_t cell = find_transition(key);
  if (transitions_[cell].key == key) return transitions_[cell].to;
  const auto before = view(state);
  scratch_.assign(before.begin(), before.end());
  const State to = model_.step(calls_[call], scratch_) ? intern(scratch_) : kImpossible;
  if (2 * ++transition_count_ >= transitions_.size()) {
    grow_transitions();
    cell = find_transition(key);
  }
  transitions_[cell] = {key, to};
  return to;
}

void StateSpace::set_under_way(std::uint32_t slot, CallId call, bool is_under_way) {
  if (!infos_[call].is_pure) return;
  call_in_[slot] = call;
  pure_.set(0, slot, is_under_way);
  ++version_;
}

std::uint64_t* StateSpace::settled(State state) {
  const std::size_t words = 1 + mask_words_;
  if (settled_.size() < (state + 1) * words) settled_.resize(2 * (state + 1) * words, 0);
  std::uint64_t* const entry = &settled_[state * words];
  if (entry[0] == version_) return entry + 1;
  entry[0] = version_;
  for (std::size_t i = 0; i < mask_words_; ++i) {
    entry[1 + i] = 0;
    for (std::uint64_t rest = pure_.of(0)[i]; rest != 0; rest &= rest - 1) {
      const std::size_t slot = i * 64 + static_cast<std::size_t>(std::countr_zero(rest));
      if (step(state, call_in_[slot]) != kImpossible) entry[1 + i] |= rest & (~rest + 1);
    }
  }
  return entry + 1;
}

void StateSpace::settle(State state, std::uint64_t* owed) {
  std::uint64_t any = 0;
  for (std::size_t i = 0; i < mask_words_; ++i) any |= owed[i] & pure_.of(0)[i];
  if (any == 0) return;
  const std::uint64_t* possible = settled(state);
  for (std::size_t i = 0; i < mask_words_; ++i) owed[i] &= ~possible[i];
}

std::uint64_t StateSpace::bytes() const {
  return (pool_.capacity() + table_.capacity()) * sizeof(std::uint32_t) +
         begins_.capacity() * sizeof(std::size_t) + transitions_.capacity() * sizeof(Transition) +
         settled_.capacity() * sizeof(std::uint64_t);
}

}  // namespace squall
