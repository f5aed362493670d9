// Which replica takes a request.  Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/rng.h"

namespace squall::reference {

// kTwoChoices: of two drawn at random, the one with fewer requests under way (Mitzenmacher, "The
// power of two choices in randomized load balancing", 2001).  It avoids a replica that hangs by
// itself; round robin does not, and shows what health checks are worth.
enum class Balance { kRoundRobin, kTwoChoices };
[[nodiscard]] Result<Balance> balance_from_text(std::string_view text);

// A replica that has the version loaded.
struct Candidate {
  std::size_t index = 0;  // the caller's
  std::size_t outstanding = 0;
  bool is_local = false;  // of the gateway's region
  bool is_available = false;
  bool was_tried = false;  // by this request
};

struct Choice {
  std::size_t index = 0;  // of the candidate chosen
  bool is_panic = false;  // no replica is available, so all are used
  friend bool operator==(const Choice&, const Choice&) = default;
};

// The first group that is not empty: available and untried in the own region, then elsewhere;
// available and tried; with nobody available, the untried ones, then all.  `turn` counts the
// caller's choices.  Nothing: no candidates.
[[nodiscard]] std::optional<Choice> choose(std::span<const Candidate> candidates, Balance balance,
                                           std::uint64_t turn, Rng& rng);

}  // namespace squall::reference
