// An effect: what a fault contributes to one plane of one node.  A plane's desired state is a fold
// over the active faults' effects, ordered by (start, id); removing a fault leaves the state as if
// it had never been there.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "faults/fault.h"
#include "faults/link_quality.h"

namespace squall {

// Network plane.  Packets that arrive from these nodes are dropped, at the receiver: a drop at the
// sender would be visible to it as EPERM (research: nft output drops).  Partitions unite.
struct DropFrom {
  std::vector<NodeName> peers;
};

// Network plane.  Packets to these nodes leave late.  Delays of several faults add: each draws its
// own for every packet.
struct DelayTo {
  std::vector<NodeName> peers;
  DelaySpec delay;
};

// Network plane.  Packets that arrive from these nodes are lost by chance, at the receiver.  Each
// fault throws its own dice for what the ones before it let through: 1 - (1 - p)(1 - q).
struct LoseFrom {
  std::vector<NodeName> peers;
  LossSpec loss;
};

// kAuto: a freezer where the agent was given one, else SIGSTOP.
enum class PauseMechanism { kAuto, kFreezer, kSigstop };

// Process plane.  A process is paused while anyone pauses it.
struct Pause {
  ProcessName process;
  PauseMechanism mechanism = PauseMechanism::kAuto;
};

// An event, irreversible: it happens once, at once, and is no part of any plane's state.
struct Kill {
  ProcessName process;
  int signal = 9;
  bool is_restarted = false;
  Duration restart_after{0};
};

// Clock plane.  What the process is told by its wall clock is wrong by so much; offsets add.
struct SkewClock {
  ProcessName process;
  Duration offset{0};
};

using Effect = std::variant<DropFrom, DelayTo, LoseFrom, Pause, Kill, SkewClock>;
[[nodiscard]] bool is_event(const Effect& effect);
[[nodiscard]] std::string to_text(const Effect& effect);
[[nodiscard]] std::string_view to_text(PauseMechanism mechanism);
[[nodiscard]] Result<PauseMechanism> parse_pause_mechanism(std::string_view text);

// "KILL", "TERM", …: the signals that make sense as a fault, without their SIG.
inline constexpr std::string_view kSignalChoices = "KILL|TERM|INT|QUIT|ABRT|HUP|SEGV|USR1|USR2";
[[nodiscard]] Result<int> parse_signal(std::string_view name);
[[nodiscard]] std::string signal_name(int signal);

struct TargetedEffect {
  NodeName node;
  Effect effect;
};

}  // namespace squall
