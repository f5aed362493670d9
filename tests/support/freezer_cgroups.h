// The places where machines have a freezer, for tests that run once in each.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "kernel/freezer.h"

namespace squall {

// Parameters of a suite; where it is not writable, Freezer::create says so and the test skips.
inline auto freezer_parents() {
  const bool is_hybrid = ::access("/sys/fs/cgroup/unified", F_OK) == 0;
  return testing::Values(
      FreezerParent{.version = CgroupVersion::kV1, .path = "/sys/fs/cgroup/freezer"},
      FreezerParent{.version = CgroupVersion::kV2,
                    .path = is_hybrid ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup"});
}

inline std::string version_name(const testing::TestParamInfo<FreezerParent>& info) {
  return info.param.version == CgroupVersion::kV2 ? "V2" : "V1";
}

// Cgroups are not namespaced here, so the name carries our pid.
inline Result<Freezer> make_test_freezer(const std::string& name, const FreezerParent& parent) {
  return Freezer::create(name + "-" + std::to_string(::getpid()), parent)
      .in("needs a writable freezer cgroup");
}

}  // namespace squall
