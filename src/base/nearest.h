// "unknown key 'proceses'; did you mean 'processes'?"
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall {

// The candidate with the fewest edits (letters added, lost, replaced, or swapped with a neighbour),
// if they are at most a third of its length; one edit is always allowed.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string>& candidates);

// "; did you mean 'x'?", or "; one of: a, b, c" where nothing is near, or "".
[[nodiscard]] std::string suggestion(std::string_view word,
                                     const std::vector<std::string>& candidates);

}  // namespace squall
