// One run from outside: the lab, Ctrl-C, and what is left when it is gone.
#include "orchestrator/run.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <csignal>

#include "arena/arena.h"
#include "orchestrator/run_loop.h"
#include "orchestrator/stop_signals.h"

namespace squall {
namespace {

constexpr std::size_t kMaxMessage = 4096;

// The caller's side while the lab lives.
class Outside {
 public:
  explicit Outside(const RunSetup& setup) : setup_(setup) {}

  void watch(int control) {
    const StopSignals stops;
    for (;;) {
      std::array<pollfd, 2> waiting = {{{control, POLLIN, 0}, {stops.fd(), POLLIN, 0}}};
      if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
      if (stops.take()) interrupt(control);
      if (waiting[0].revents != 0 && !listen(control)) return;
    }
  }

  [[nodiscard]] bool is_recorded() const { return is_recorded_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  // The first asks the run to heal and to close; a second one ends it: the kernel then takes the
  // lab down, and with it every fault.
  void interrupt(int control) {
    if (++interrupts_ > 1) {
      (void)::raise(SIGKILL);
    }
    const std::string text = is_recorded_ ? kControlEnd : kControlAbort;
    (void)::send(control, text.data(), text.size(), MSG_NOSIGNAL);
  }

  bool listen(int control) {
    std::array<char, kMaxMessage> buffer{};
    const ssize_t count = ::recv(control, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count == 0) return false;
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    const std::string text(buffer.data(), static_cast<std::size_t>(count));
    if (text.starts_with(kControlFailed))
      failure_ = text.substr(std::string(kControlFailed).size());
    if (text != kControlRecorded) return true;
    is_recorded_ = true;
    interrupts_ = 0;
    if (setup_.is_kept) setup_.on_recorded();
    return true;
  }

  const RunSetup& setup_;
  bool is_recorded_ = false;
  int interrupts_ = 0;
  std::string failure_;
};

}  // namespace

Result<> run_scenario(const RunSetup& setup) {
  LabOptions options;
  options.has_baseline = setup.has_baseline;
  options.stacks = setup.stacks;
  options.keep_visible = {setup.out, setup.scenario.path};
  Outside outside(setup);
  const LabEnd end = TRY(run_in_lab(
      setup.scenario.topology, options,
      [&setup](Arena& arena, int control) { return run_loop(setup, arena, control); },
      [&outside](int control) { outside.watch(control); }));
  if (!outside.failure().empty()) return Error{Errc::kIo, outside.failure()};
  if (!outside.is_recorded() && !end.failure.empty()) return Error{Errc::kIo, end.failure};
  if (!setup.is_kept || !outside.is_recorded()) setup.on_recorded();
  return {};
}

}  // namespace squall
