// Which runs a hunt makes: seeds, perturbation seeds and shards.  Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace squall {

inline constexpr std::size_t kMaxCases = 100'000;

// One run to be made.  Equal cases are the same run, where the arena is deterministic.
struct HuntCase {
  std::uint64_t seed = 0;
  std::optional<std::uint64_t> perturb{};  // nothing: an arena without a perturber
  friend auto operator<=>(const HuntCase&, const HuntCase&) = default;
};
[[nodiscard]] std::string to_text(const HuntCase& wanted);    // "seed 7", "seed 7 perturb 3"
[[nodiscard]] std::string file_stem(const HuntCase& wanted);  // "seed-7", "seed-7-perturb-3"

// "7", "1..500", "1..10,42,100..110": in the order as written, each once.
[[nodiscard]] Result<std::vector<std::uint64_t>> parse_seeds(std::string_view text);

// Part `index` (from 0) of `count`.
struct Shard {
  std::uint64_t index = 0;
  std::uint64_t count = 1;
};
// "0/8" to "7/8".
[[nodiscard]] Result<Shard> parse_shard(std::string_view text);

// How perturbation seeds go with seeds.
enum class Pairing {
  kNone,  // there is no perturber
  kSame,  // perturbation seed = seed: each case has another schedule and another interleaving
  kEach,  // every seed with each of the given perturbation seeds
};
struct HuntPlan {
  std::vector<std::uint64_t> seeds;
  Pairing pairing = Pairing::kNone;
  std::vector<std::uint64_t> perturbs{};  // kEach
  Shard shard{};
};
// The cases of this shard.  With kEach all seeds come with the first perturbation seed, then all
// with the second, so that a hunt that is stopped early has seen many schedules.
[[nodiscard]] Result<std::vector<HuntCase>> cases_of(const HuntPlan& plan);

}  // namespace squall
