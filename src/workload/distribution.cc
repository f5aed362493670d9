// Uniform and zipf draws.
#include "workload/distribution.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace squall {
namespace {

// log1p(x)/x and expm1(x)/x with their limits at 0, where exponent 1 leads.
constexpr double kNearZero = 1e-8;

double log1p_over_x(double x) {
  return std::abs(x) > kNearZero ? std::log1p(x) / x : 1 - x / 2;
}

double expm1_over_x(double x) {
  return std::abs(x) > kNearZero ? std::expm1(x) / x : 1 + x / 2;
}

}  // namespace

Distribution Distribution::uniform(std::int64_t size) {
  CHECK(size > 0);
  return {size, 0};
}

Distribution Distribution::zipf(std::int64_t size, double exponent) {
  CHECK(size > 0);
  CHECK(exponent >= kMinZipfExponent);
  CHECK(exponent <= kMaxZipfExponent);
  Distribution made(size, exponent);
  made.integral_first_ = made.h_integral(1.5) - 1;
  made.integral_last_ = made.h_integral(static_cast<double>(size) + 0.5);
  made.squeeze_ = 2 - made.h_integral_inverse(made.h_integral(2.5) - made.h(2));
  return made;
}

double Distribution::h(double x) const {
  return std::exp(-exponent_ * std::log(x));
}

// (x^(1 - exponent) - 1) / (1 - exponent), which is log x for exponent 1.
double Distribution::h_integral(double x) const {
  const double log_x = std::log(x);
  return expm1_over_x((1 - exponent_) * log_x) * log_x;
}

double Distribution::h_integral_inverse(double x) const {
  // Rounding may carry it just below -1, where the logarithm ends.
  const double t = std::max(x * (1 - exponent_), -1.0);
  return std::exp(log1p_over_x(t) * x);
}

std::int64_t Distribution::draw(Rng& rng) const {
  if (exponent_ == 0) {
    return static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(size_)));
  }
  for (;;) {
    const double u = integral_last_ + rng.unit() * (integral_first_ - integral_last_);
    const double x = h_integral_inverse(u);
    const double rank = std::clamp(std::floor(x + 0.5), 1.0, static_cast<double>(size_));
    // Most draws pass the first test, which needs no power.
    if (rank - x <= squeeze_ || u >= h_integral(rank + 0.5) - h(rank)) {
      return static_cast<std::int64_t>(rank) - 1;
    }
  }
}

}  // namespace squall
