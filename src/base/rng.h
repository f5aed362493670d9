// The one source of choices.  A run draws everything from its seed, and every fault and client has
// a split stream of its own, so that taking one away does not reshuffle the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace squall {

// xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021),
// seeded through splitmix64.  Not thread-safe: one owner each.
class Rng {
 public:
  explicit Rng(std::uint64_t seed);

  [[nodiscard]] std::uint64_t next();
  // Uniform in [0, bound); bound > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);
  // Uniform in [0, 1).
  [[nodiscard]] double unit();
  // A stream that depends on the original seed and the name only, not on what was drawn before.
  [[nodiscard]] Rng split(std::string_view name) const;

 private:
  std::uint64_t seed_;
  std::uint64_t state_[4];
};

}  // namespace squall
