// The order that makes a snapshot of a ready stack serve many runs.
#include "orchestrator/ready_stack.h"

#include "orchestrator/stack_starter.h"

namespace squall {

Result<> make_ready(RunSetup& setup, Arena& arena) {
  TRY(start_stack(arena, setup.scenario.topology).in("start the stack"));
  ReadyRun run = TRY(setup.at_ready());
  setup.scenario = std::move(run.scenario);
  setup.text = std::move(run.text);
  setup.facts = std::move(run.facts);
  return {};
}

}  // namespace squall
