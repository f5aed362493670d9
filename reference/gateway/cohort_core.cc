// FNV-1a, then the finaliser of splitmix64: FNV alone leaves short, similar names in similar
// buckets.
#include "reference/gateway/cohort_core.h"

#include <cmath>

namespace squall::reference {
namespace {

// http://www.isthe.com/chongo/tech/comp/fnv/
constexpr std::uint64_t kFnvBasis = 0xcbf29ce484222325U;
constexpr std::uint64_t kFnvPrime = 0x100000001b3U;

std::uint64_t add_text(std::uint64_t hash, std::string_view text) {
  for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * kFnvPrime;
  return hash;
}

// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
std::uint64_t mixed(std::uint64_t bits) {
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
  return bits ^ (bits >> 31U);
}

}  // namespace

std::string_view to_text(Cohort cohort) {
  switch (cohort) {
    case Cohort::kStable:
      return "stable";
    case Cohort::kCanary:
      return "canary";
    case Cohort::kPinned:
      break;
  }
  return "pinned";
}

std::uint32_t bucket_of(std::string_view model, std::string_view user) {
  // The zero byte keeps ("ab", "c") and ("a", "bc") apart.
  const std::uint64_t salted = add_text(kFnvBasis, model) * kFnvPrime;
  return static_cast<std::uint32_t>(mixed(add_text(salted, user)) % kBuckets);
}

Cohort cohort_of(std::string_view model, std::string_view user, double percent) {
  if (user.empty()) return Cohort::kStable;
  const double buckets = std::round(percent / 100 * kBuckets);
  return bucket_of(model, user) < buckets ? Cohort::kCanary : Cohort::kStable;
}

}  // namespace squall::reference
