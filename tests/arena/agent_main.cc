// The tests' program is the lab's agent program too: `PROGRAM agent --config FILE`.
#include <gmock/gmock.h>

#include <cstdio>
#include <string_view>

#include "agent/agent_config.h"

namespace {

int serve(const char* config_path) {
  const auto run = [&]() -> squall::Result<> {
    const squall::AgentConfig config = TRY(squall::read_agent_config(config_path));
    return squall::run_agent(config);
  };
  const squall::Result<> outcome = run();
  if (!outcome.ok()) (void)std::fprintf(stderr, "%s\n", outcome.error().what.c_str());
  return outcome.ok() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "agent") return serve(argv[3]);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
