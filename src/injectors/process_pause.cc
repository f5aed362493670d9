// process.pause: the process stands still, as under a long garbage collection or a migrated VM.
#include <array>

#include "injectors/on_processes.h"
#include "injectors/rows.h"

namespace squall {
namespace {

constexpr std::array<ParamSpec, 1> kParams = {{
    {"mechanism", ParamType::kChoice, "auto",
     "auto: a cgroup freezer where the agent has one, else SIGSTOP", "auto|freezer|sigstop"},
}};

Result<std::vector<TargetedEffect>> pause_effects(const Fault& fault, const HostFacts& host) {
  const PauseMechanism mechanism = TRY(parse_pause_mechanism(fault.params.text("mechanism")));
  std::vector<TargetedEffect> effects;
  for (const Target& target : TRY(process_targets(fault, host))) {
    effects.push_back({target.node, Pause{.process = target.process, .mechanism = mechanism}});
  }
  return effects;
}

}  // namespace

InjectorRow process_pause_row() {
  return {
      .kind = "process.pause",
      .plane = "process",
      .help = "Stops all threads of processes, and of their children, for a while.",
      .explain =
          "By SIGSTOP through a pidfd, or by a cgroup freezer, which the process's parent cannot "
          "see.  Connections stay open and the kernel goes on acknowledging, so that peers see "
          "silence, not a reset.  A watchdog continues the processes when the agent dies or its "
          "lease ends.  A process that somebody else had stopped is left to him.  Evidence: every "
          "thread is seen stopped.",
      .aim = Aim::kProcesses,
      .is_event = false,
      .params = kParams,
      .effects = pause_effects,
  };
}

}  // namespace squall
