// Which of N things the next request is about: users, inputs, keys.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/rng.h"

namespace squall {

inline constexpr std::string_view kDistributionChoices = "uniform|zipf";
inline constexpr double kMinZipfExponent = 0.1;
inline constexpr double kMaxZipfExponent = 10;

// Draws from 0 … size-1.  zipf: rank k (from 0) in proportion to 1 / (k + 1)^exponent.  Constant
// memory and time whatever the size, and no table to build: rejection-inversion (W. Hörmann and
// G. Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions",
// ACM TOMACS 6(3), 1996).  Immutable: threads may share it, each with its own Rng.
class Distribution {
 public:
  // `size` > 0.
  [[nodiscard]] static Distribution uniform(std::int64_t size);
  // `exponent` from kMinZipfExponent to kMaxZipfExponent.
  [[nodiscard]] static Distribution zipf(std::int64_t size, double exponent);

  [[nodiscard]] std::int64_t draw(Rng& rng) const;

 private:
  Distribution(std::int64_t size, double exponent) : size_(size), exponent_(exponent) {}
  // h, its antiderivative and the antiderivative's inverse, as in the paper.
  [[nodiscard]] double h(double x) const;
  [[nodiscard]] double h_integral(double x) const;
  [[nodiscard]] double h_integral_inverse(double x) const;

  std::int64_t size_;
  double exponent_;  // 0: uniform
  // Of the paper's set-up step, zipf only.
  double integral_first_ = 0;  // H(1.5) - 1
  double integral_last_ = 0;   // H(size + 0.5)
  double squeeze_ = 0;         // 2 - H^-1(H(2.5) - h(2))
};

}  // namespace squall
