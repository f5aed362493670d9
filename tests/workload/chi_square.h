// Pearson's chi-square for draws at a fixed seed: the draws are always the same, so a bound that
// holds once holds for ever, and only a change of the code can break it.
#pragma once

#include <cstddef>
#include <vector>

namespace squall::testing_workload {

// 99.9 % of right samples stay below these, by degrees of freedom.
inline constexpr double kChiSquare9 = 27.88;
inline constexpr double kChiSquare19 = 43.82;
inline constexpr double kChiSquare49 = 85.35;

inline double chi_square(const std::vector<double>& seen, const std::vector<double>& expected) {
  double sum = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const double off = seen[i] - expected.at(i);
    sum += off * off / expected[i];
  }
  return sum;
}

}  // namespace squall::testing_workload
