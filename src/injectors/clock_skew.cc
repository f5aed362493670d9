// clock.skew: the process believes in another time of day than its neighbours.
#include <array>

#include "injectors/on_processes.h"
#include "injectors/rows.h"

namespace squall {
namespace {

constexpr Duration kMaxOffset = std::chrono::hours(24 * 365);

constexpr std::array<ParamSpec, 1> kParams = {{
    {"offset", ParamType::kSignedDuration, kRequired,
     "how far ahead its wall clock is, or behind with a minus sign; at most a year", ""},
}};

Result<std::vector<TargetedEffect>> skew_effects(const Fault& fault, const HostFacts& host) {
  const Duration offset = fault.params.signed_duration("offset");
  if (offset == Duration{0}) return Error{Errc::kInvalid, "'offset' is 0: that is no skew"};
  if (offset > kMaxOffset || offset < -kMaxOffset) {
    return Error{Errc::kInvalid,
                 "'offset' is over the limit of a year (" + to_text(kMaxOffset) + ")"};
  }
  std::vector<TargetedEffect> effects;
  for (const Target& target : TRY(process_targets(fault, host))) {
    effects.push_back({target.node, SkewClock{.process = target.process, .offset = offset}});
  }
  return effects;
}

}  // namespace

InjectorRow clock_skew_row() {
  return {
      .kind = "clock.skew",
      .plane = "clock",
      .help = "Sets the wall clock of processes, and of their children, off for a while.",
      .explain =
          "Through the vDSO of running, unmodified programs: clock_gettime(CLOCK_REALTIME and "
          "CLOCK_REALTIME_COARSE), gettimeofday and time() move.  Offsets of several faults add.  "
          "Forked children share the skew; programs that the agent launches have it before their "
          "first instruction, and programs that the stack executes by itself within 100 ms.  It "
          "ends by itself when nobody renews the lease, whatever has died: the code compares the "
          "boot clock with its expiry.  A heal restores the vDSO.  The first time, one thread of "
          "the process is interrupted for less than a millisecond; if it waits in epoll_wait, "
          "that answers EINTR once.  With the vDSO of some kernels (Linux 6.1 of Debian 12) all "
          "threads of a running process stand still, 4 ms for 100 of them, when it is skewed for "
          "the first time and when it is healed; each that waits in epoll_wait answers EINTR "
          "then.  Evidence: the offset read back from each process, and the readings that were "
          "changed, counted there.  What it does not reach: monotonic clocks and all that is "
          "measured with "
          "them (etcd's leases and elections), timers, deadlines and file times of the kernel, "
          "which go by the true time (so that a wait for an absolute time of the skewed clock ends "
          "at once or late), raw system calls, static programs that do not use the vDSO, 32-bit "
          "programs, and other hosts' views such as TLS peers.  x86-64 only, and the agent must be "
          "allowed to trace the process.",
      .aim = Aim::kProcesses,
      .is_event = false,
      .params = kParams,
      .effects = skew_effects,
  };
}

}  // namespace squall
