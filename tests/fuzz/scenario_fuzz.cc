// Whatever the text, reading it ends with a scenario or with problems, and a scenario that was
// accepted is written and read back.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "scenarios/schedule.h"

namespace {

using squall::ParamSpec;
using squall::ParamType;

constexpr std::array<ParamSpec, 2> kParams = {{
    {"timeout", ParamType::kDuration, "1s", "how long an operation may take", ""},
    {"keyspace", ParamType::kText, "", "prefix of the keys", ""},
}};
constexpr std::array<squall::ClientRow, 2> kClients = {{
    {"etcd", "", "", kParams, false},
    {"etcd-lock", "", "", kParams, true},
}};

squall::Result<squall::Scenario> read(const std::string& text) {
  std::vector<squall::Problem> problems;
  auto scenario = squall::parse_scenario(text, "fuzz/input.yaml", {{}, {kClients}}, problems);
  CHECK(scenario.ok() == problems.empty());
  return scenario;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto scenario = read(text);
  if (!scenario.ok()) return 0;
  const std::string written = squall::to_yaml(*scenario);
  const auto again = read(written);
  CHECK(again.ok());
  CHECK(squall::to_yaml(*again) == written);
  const auto schedule = squall::resolve_schedule(*again, {1, false});
  if (schedule.ok()) (void)squall::timeline_text(*schedule);
  return 0;
}
