// Edits between two words: insert, remove, replace, swap neighbours (optimal string alignment).
#include "base/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace squall {
namespace {

constexpr std::size_t kMostListed = 12;

// Rows of the table for one letter of `a` each; two are kept, because swapping two neighbours looks
// two letters back.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> older(b.size() + 1);
  std::vector<std::size_t> old(b.size() + 1);
  std::iota(old.begin(), old.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = old[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, old[j] + 1, row[j - 1] + 1});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) row[j] = std::min(row[j], older[j - 2] + 1);
    }
    older = std::exchange(old, std::move(row));
  }
  return old[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
  std::optional<std::string> best;
  std::size_t best_edits = ~std::size_t{0};
  for (const std::string& candidate : candidates) {
    const std::size_t count = edits(word, candidate);
    if (count >= best_edits || count > std::max<std::size_t>(1, candidate.size() / 3)) continue;
    best = candidate;
    best_edits = count;
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  if (const std::optional<std::string> near = nearest(word, candidates)) {
    return "; did you mean '" + *near + "'?";
  }
  if (candidates.empty() || candidates.size() > kMostListed) return "";
  std::string list;
  for (const std::string& candidate : candidates) list += (list.empty() ? "" : ", ") + candidate;
  return "; one of: " + list;
}

}  // namespace squall
