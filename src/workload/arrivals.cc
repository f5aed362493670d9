// Arrival processes.
#include "workload/arrivals.h"

#include <cmath>

namespace squall {
namespace {

constexpr double kSecond = 1e9;  // ns

Duration rounded(double ns) {
  return Duration(std::llround(ns));
}

}  // namespace

ArrivalKind arrival_kind(std::string_view name) {
  if (name == "constant") return ArrivalKind::kConstant;
  return name == "burst" ? ArrivalKind::kBurst : ArrivalKind::kPoisson;
}

Arrivals::Arrivals(const ArrivalPlan& plan, Rng rng) : plan_(plan), rng_(rng) {
  CHECK(plan.rate > 0);
  CHECK(plan.burst_size > 0);
}

Duration Arrivals::next() {
  const std::int64_t number = taken_++;
  const double gap = kSecond / plan_.rate;
  switch (plan_.kind) {
    case ArrivalKind::kPoisson:
      // unit() is below 1, so the logarithm is finite.
      elapsed_ns_ -= std::log1p(-rng_.unit()) * gap;
      return rounded(elapsed_ns_);
    case ArrivalKind::kConstant:
      return rounded(static_cast<double>(number) * gap);
    case ArrivalKind::kBurst:
      break;
  }
  const std::int64_t first_of_burst = number - number % plan_.burst_size;
  return rounded(static_cast<double>(first_of_burst) * gap);
}

ArrivalShare::ArrivalShare(const std::vector<std::int64_t>& ours, std::int64_t process_count)
    : ours_(static_cast<std::size_t>(process_count), false) {
  CHECK(process_count > 0);
  for (const std::int64_t id : ours) ours_[static_cast<std::size_t>(id % process_count)] = true;
}

bool ArrivalShare::is_ours(std::int64_t arrival) const {
  return ours_[static_cast<std::size_t>(arrival) % ours_.size()];
}

}  // namespace squall
