// Groups, then one of the first.
#include "reference/gateway/balance_core.h"

#include <algorithm>
#include <vector>

#include "base/nearest.h"

namespace squall::reference {
namespace {

// Lower is better.
int group(const Candidate& candidate) {
  if (!candidate.is_available) return candidate.was_tried ? 4 : 3;
  if (candidate.was_tried) return 2;
  return candidate.is_local ? 0 : 1;
}
constexpr int kFirstPanicGroup = 3;

const Candidate& least_of_two(std::span<const Candidate* const> members, Rng& rng) {
  const std::size_t first = rng.below(members.size());
  // Another one, evenly.
  const std::size_t second = (first + 1 + rng.below(members.size() - 1)) % members.size();
  const bool is_second = members[second]->outstanding < members[first]->outstanding;
  return *members[is_second ? second : first];
}

}  // namespace

Result<Balance> balance_from_text(std::string_view text) {
  if (text == "round-robin") return Balance::kRoundRobin;
  if (text == "two-choices") return Balance::kTwoChoices;
  return Error{Errc::kInvalid, "'" + std::string(text) + "' is not a way to balance" +
                                   suggestion(text, {"round-robin", "two-choices"})};
}

std::optional<Choice> choose(std::span<const Candidate> candidates, Balance balance,
                             std::uint64_t turn, Rng& rng) {
  if (candidates.empty()) return std::nullopt;
  int best = group(candidates.front());
  for (const Candidate& candidate : candidates) best = std::min(best, group(candidate));
  std::vector<const Candidate*> members;
  for (const Candidate& candidate : candidates) {
    if (group(candidate) == best) members.push_back(&candidate);
  }
  const bool draws = balance == Balance::kTwoChoices && members.size() > 1;
  const Candidate& chosen = draws ? least_of_two(members, rng) : *members[turn % members.size()];
  return Choice{.index = chosen.index, .is_panic = best >= kFirstPanicGroup};
}

}  // namespace squall::reference
