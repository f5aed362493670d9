// The watchdog's loop.
#include "agent/watchdog.h"

#include <linux/close_range.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "agent/delay/netem_delay.h"
#include "agent/delay/steering.h"
#include "agent/linux_kernel.h"
#include "base/time.h"
#include "kernel/process.h"

namespace squall {
namespace {

// After the agent's death, cgroups that are still busy are tried this often.
constexpr int kLastAttempts = 100;
// How often what the agent has not yet put in order is continued again.
constexpr Duration kInsist = std::chrono::milliseconds(50);
// An upper bound, should a wake-up be lost.
constexpr Duration kIdle = std::chrono::seconds(1);

// Whether nothing is left to do: a process that is gone needs nothing, and a cgroup that cannot be
// removed yet is tried again.
bool release(const LeaseBoard::Held& held) {
  if (held.process.pid == 0) return thaw_and_remove(held.cgroup).ok();
  const Result<Fd> pidfd = open_pidfd(held.process);
  if (pidfd.ok()) (void)send_signal(*pidfd, SIGCONT);
  return true;
}

struct Released {
  bool had_orphans = false;
  bool is_all_done = true;
};

Released release_orphans(const LeaseBoard& board) {
  Released released;
  for (const LeaseBoard::Held& held : board.orphans()) {
    released.had_orphans = true;
    if (!release(held)) released.is_all_done = false;
  }
  return released;
}

int milliseconds_until_next_look(const LeaseBoard& board, bool has_orphans) {
  Duration wait = has_orphans ? kInsist : kIdle;
  const BootTime first = board.first_expiry();
  if (first != LeaseBoard::kNever) {
    wait = std::clamp(first - system_clock().boot(), Duration{0}, wait);
  }
  // Rounded up: at the expiry, not just before it.
  return static_cast<int>(duration_cast<std::chrono::milliseconds>(wait).count()) + 1;
}

// Returns when the agent has died and nothing of it is left paused.
void watch(LeaseBoard& board, const Fd& agent, const Fd& wakeup) {
  std::array<pollfd, 2> inputs = {{{agent.get(), POLLIN, 0}, {wakeup.get(), POLLIN, 0}}};
  for (;;) {
    board.revoke_expired(system_clock().boot());
    const bool has_orphans = release_orphans(board).had_orphans;
    if (::poll(inputs.data(), inputs.size(), milliseconds_until_next_look(board, has_orphans)) <
        0) {
      continue;  // EINTR
    }
    if ((inputs[0].revents & POLLIN) != 0) break;
    std::uint64_t count = 0;
    if (inputs[1].revents != 0) (void)!::read(wakeup.get(), &count, sizeof count);
  }
  board.revoke_all();
  for (int attempt = 0; attempt < kLastAttempts && !release_orphans(board).is_all_done; ++attempt) {
    (void)::poll(nullptr, 0, static_cast<int>(kInsist / std::chrono::milliseconds(1)));
  }
}

// The agent's table has vanished with it, so nothing is steered any more; its delay line lets out
// what waits and goes by itself, and netem is emptied by us.  Where we may not touch the network
// there is neither.
void remove_delays(pid_t agent) {
  Result<Netlink> netlink = Netlink::open();
  if (netlink.ok()) (void)remove_steering(*netlink, steering_table(agent));
  (void)remove_netem(netem_link(agent), kNetemPatience);
}

void close_all_but(int a, int b) {
  const auto low = static_cast<unsigned>(std::min(a, b));
  const auto high = static_cast<unsigned>(std::max(a, b));
  if (low > 3) (void)::syscall(SYS_close_range, 3U, low - 1, 0U);
  if (high > low + 1) (void)::syscall(SYS_close_range, low + 1, high - 1, 0U);
  (void)::syscall(SYS_close_range, high + 1, ~0U, 0U);
}

[[noreturn]] void run_watchdog(LeaseBoard& board, pid_t agent_pid, const Fd& agent,
                               const Fd& wakeup) {
  (void)::setsid();
  // A service manager stops the whole service at once; we go when the agent has gone.
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP}) {
    (void)::signal(signal, SIG_IGN);
  }
  (void)::prctl(PR_SET_NAME, "squall-watchdog");
  (void)::prctl(PR_SET_PDEATHSIG, 0);
  close_all_but(agent.get(), wakeup.get());
  watch(board, agent, wakeup);
  remove_delays(agent_pid);
  ::_exit(0);
}

}  // namespace

Result<Watchdog> Watchdog::start(LeaseBoard* board) {
  const pid_t agent_pid = ::getpid();
  const Fd agent = TRY(open_pidfd(agent_pid));
  Fd wakeup(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wakeup.is_open()) return errno_error("make the watchdog's eventfd");
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork the watchdog");
  if (pid == 0) run_watchdog(*board, agent_pid, agent, wakeup);
  return Watchdog(TRY(open_pidfd(pid)), std::move(wakeup));
}

void Watchdog::wake() const {
  const std::uint64_t one = 1;
  // It cannot fail but by a counter that is full, and then the watchdog is awake anyway.
  (void)!::write(wakeup_.get(), &one, sizeof one);
}

bool Watchdog::is_alive() const {
  const Result<bool> has_exited = wait_for_exit(pidfd_, Duration{0});
  return has_exited.ok() && !*has_exited;
}

}  // namespace squall
