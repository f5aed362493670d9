// What a special case says: an algorithm that decides one class of histories in (nearly) linear
// time, where the general search may need exponential time.  Each is a pure function that first
// says whether the history is of its class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace squall {

enum class SpecialAnswer : std::uint8_t {
  kNotMine,  // not of this class: ask somebody else
  kValid,
  kViolated,
};

struct SpecialOutcome {
  SpecialAnswer answer = SpecialAnswer::kNotMine;
  // kNotMine: what the class excludes.  kViolated: the rule that was broken, as a short phrase.
  std::string why;
  // kViolated: positions (in what was handed over) of a few operations that no order explains, even
  // without all others; ascending.
  std::vector<std::size_t> core;

  [[nodiscard]] bool is_mine() const { return answer != SpecialAnswer::kNotMine; }
};

[[nodiscard]] inline SpecialOutcome not_mine(std::string why) {
  return {SpecialAnswer::kNotMine, std::move(why), {}};
}

}  // namespace squall
