// process.kill: a signal, once; by default the one that cannot be caught.
#include <array>

#include "injectors/on_processes.h"
#include "injectors/rows.h"

namespace squall {
namespace {

constexpr std::array<ParamSpec, 2> kParams = {{
    {"signal", ParamType::kChoice, "KILL",
     "the signal; KILL goes to the process and its children, any other to the process alone",
     kSignalChoices},
    {"restart-after", ParamType::kDuration, "",
     "how long after its end the process is started again; without it the process stays down, "
     "unless the topology restarts it",
     ""},
}};

Result<std::vector<TargetedEffect>> kill_effects(const Fault& fault, const HostFacts& host) {
  Kill kill{.process = ProcessName(), .signal = TRY(parse_signal(fault.params.text("signal")))};
  kill.is_restarted = fault.params.has("restart-after");
  if (kill.is_restarted) kill.restart_after = fault.params.duration("restart-after");
  std::vector<TargetedEffect> effects;
  for (const Target& target : TRY(process_targets(fault, host))) {
    kill.process = target.process;
    effects.push_back({target.node, kill});
  }
  return effects;
}

}  // namespace

InjectorRow process_kill_row() {
  return {
      .kind = "process.kill",
      .plane = "process",
      .help = "Sends a signal to processes once, and can start them again after a while.",
      .explain =
          "An event: it cannot be undone, so it takes no 'for'.  The signal goes through a pidfd, "
          "so that a reused process id is never hit.  Evidence: how the process ended, and when it "
          "was started again.",
      .aim = Aim::kProcesses,
      .is_event = true,
      .params = kParams,
      .effects = kill_effects,
  };
}

}  // namespace squall
