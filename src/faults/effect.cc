// Effects as text, and the names of signals.
#include "faults/effect.h"

#include <array>
#include <csignal>

namespace squall {
namespace {

struct SignalRow {
  std::string_view name;
  int number;
};
constexpr std::array<SignalRow, 9> kSignals = {{{"KILL", SIGKILL},
                                                {"TERM", SIGTERM},
                                                {"INT", SIGINT},
                                                {"QUIT", SIGQUIT},
                                                {"ABRT", SIGABRT},
                                                {"HUP", SIGHUP},
                                                {"SEGV", SIGSEGV},
                                                {"USR1", SIGUSR1},
                                                {"USR2", SIGUSR2}}};
constexpr std::array<std::string_view, 3> kMechanisms = {"auto", "freezer", "sigstop"};

std::string join(const std::vector<NodeName>& nodes) {
  std::string text;
  for (const NodeName& node : nodes) text += (text.empty() ? "" : ", ") + node.get();
  return text;
}

std::string describe(const DropFrom& drop) {
  return "drop packets from " + join(drop.peers);
}

std::string describe(const DelayTo& delay) {
  return "delay packets to " + join(delay.peers) + " by " + to_text(delay.delay);
}

std::string describe(const LoseFrom& lose) {
  return "lose " + to_text(lose.loss) + " of the packets from " + join(lose.peers);
}

std::string describe(const Pause& pause) {
  const std::string mechanism = pause.mechanism == PauseMechanism::kAuto
                                    ? ""
                                    : " by " + std::string(to_text(pause.mechanism));
  return "pause " + pause.process.get() + mechanism;
}

std::string describe(const Kill& kill) {
  const std::string restart =
      kill.is_restarted ? ", restart after " + to_text(kill.restart_after) : "";
  return "send " + signal_name(kill.signal) + " to " + kill.process.get() + restart;
}

std::string describe(const SkewClock& skew) {
  return "set the clock of " + skew.process.get() + " off by " + to_text(skew.offset);
}

}  // namespace

bool is_event(const Effect& effect) {
  return std::holds_alternative<Kill>(effect);
}

std::string to_text(const Effect& effect) {
  return std::visit([](const auto& one) { return describe(one); }, effect);
}

std::string_view to_text(PauseMechanism mechanism) {
  return kMechanisms.at(static_cast<std::size_t>(mechanism));
}

Result<PauseMechanism> parse_pause_mechanism(std::string_view text) {
  for (std::size_t i = 0; i < kMechanisms.size(); ++i) {
    if (kMechanisms.at(i) == text) return static_cast<PauseMechanism>(i);
  }
  return Error{Errc::kInvalid, "'" + std::string(text) + "' is no way to pause a process"};
}

Result<int> parse_signal(std::string_view name) {
  for (const SignalRow& row : kSignals) {
    if (row.name == name) return row.number;
  }
  return Error{Errc::kInvalid, "'" + std::string(name) + "' is not a signal that a fault sends"};
}

std::string signal_name(int signal) {
  for (const SignalRow& row : kSignals) {
    if (row.number == signal) return "SIG" + std::string(row.name);
  }
  return "signal " + std::to_string(signal);
}

}  // namespace squall
