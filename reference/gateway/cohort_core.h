// Which users see the canary.  The bucket depends on the model and the user only, so every gateway
// gives a user the same version, and raising the percentage takes nobody out of the canary.
#pragma once

#include <cstdint>
#include <string_view>

namespace squall::reference {

inline constexpr std::uint32_t kBuckets = 10'000;  // one is a hundredth of a percent

// kPinned: the request named its version.
enum class Cohort { kStable, kCanary, kPinned };
[[nodiscard]] std::string_view to_text(Cohort cohort);

// [0, kBuckets), evenly.  The model is the salt: the canaries of two models are other users.
[[nodiscard]] std::uint32_t bucket_of(std::string_view model, std::string_view user);

// `percent` is 0 to 100.  A caller without a name is never in the canary: there is nothing that
// would keep him there.
[[nodiscard]] Cohort cohort_of(std::string_view model, std::string_view user, double percent);

}  // namespace squall::reference
