// An agent's life: recover, fork the watchdog, find the stack's processes again, serve, heal, end.
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "agent/agent_config.h"
#include "agent/agent_core.h"
#include "agent/agent_service.h"
#include "agent/journal.h"
#include "agent/linux_kernel.h"
#include "agent/self_protection.h"
#include "agent/state_dir.h"
#include "agent/supervisor.h"
#include "agent/watchdog.h"
#include "base/files.h"

namespace squall {
namespace {

// The loop looks around at least this often, should a wake-up be lost.
constexpr Duration kIdle = std::chrono::seconds(1);
// A heal that fails at the end is tried so often, kHealRetry apart.
constexpr int kLastHeals = 10;

class Wakeup {
 public:
  static Result<Wakeup> open() {
    Fd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!fd.is_open()) return errno_error("make the loop's eventfd");
    return Wakeup(std::move(fd));
  }
  void wake() const {
    const std::uint64_t one = 1;
    (void)!::write(fd_.get(), &one, sizeof one);  // a full counter is awake anyway
  }
  void clear() const {
    std::uint64_t count = 0;
    (void)!::read(fd_.get(), &count, sizeof count);
  }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  explicit Wakeup(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

// SIGTERM and SIGINT as a descriptor; blocked before any thread starts, so for all of them.
Result<Fd> open_signals() {
  (void)::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  (void)::sigemptyset(&set);
  (void)::sigaddset(&set, SIGTERM);
  (void)::sigaddset(&set, SIGINT);
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0) {
    return errno_error("block signals", error);
  }
  Fd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.is_open()) return errno_error("make a signalfd");
  return fd;
}

// What is left of an agent that died here before us.  Returns the events that have happened.
Result<std::set<FaultId>> clean_up_after_the_last(const std::string& state_dir,
                                                  const std::string& boot) {
  const Result<std::string> text = read_file(journal_path(state_dir));
  if (!text.ok()) return std::set<FaultId>();  // the first start
  const JournalContent content = parse_journal(*text);
  const auto kernel = TRY(LinuxKernel::open(journal_path(state_dir), ""));
  TRY(replay(content, boot, *kernel));
  return content.boot == boot ? content.events : std::set<FaultId>();
}

int milliseconds(Duration wait) {
  const Duration bounded = std::clamp(wait, Duration{0}, kIdle);
  // Rounded up: when it is due, not just before.
  return static_cast<int>(duration_cast<std::chrono::milliseconds>(bounded).count()) + 1;
}

class Loop {
 public:
  Loop(AgentCore& core, Supervisor& supervisor, ProbeSockets& probes, const Watchdog& watchdog,
       const Wakeup& wakeup, const Fd& signals)
      : core_(core),
        supervisor_(supervisor),
        probes_(probes),
        watchdog_(watchdog),
        wakeup_(wakeup),
        signals_(signals) {}

  // Returns at SIGTERM or SIGINT.
  void run() {
    for (;;) {
      Duration wait = kIdle;
      supervisor_.tick();
      if (const std::optional<BootTime> due = core_.tick()) {
        wait = std::min(wait, *due - system_clock().boot());
      }
      if (const std::optional<MonoTime> due = supervisor_.next_due()) {
        wait = std::min(wait, *due - system_clock().mono());
      }
      std::vector<pollfd> inputs = this->inputs();
      if (::poll(inputs.data(), inputs.size(), milliseconds(wait)) < 0) continue;  // EINTR
      if (inputs[0].revents != 0) return;
      if (inputs[1].revents != 0) wakeup_.clear();
      probes_.receive();
    }
  }

 private:
  [[nodiscard]] std::vector<pollfd> inputs() const {
    std::vector<pollfd> inputs = {{signals_.get(), POLLIN, 0}, {wakeup_.fd(), POLLIN, 0}};
    // A dead watchdog stays readable for ever; one second is soon enough to see it.
    if (watchdog_.is_alive()) inputs.push_back({watchdog_.pidfd().get(), POLLIN, 0});
    for (const int fd : probes_.poll_fds()) inputs.push_back({fd, POLLIN, 0});
    for (const int fd : supervisor_.poll_fds()) inputs.push_back({fd, POLLIN, 0});
    return inputs;
  }

  AgentCore& core_;
  Supervisor& supervisor_;
  ProbeSockets& probes_;
  const Watchdog& watchdog_;
  const Wakeup& wakeup_;
  const Fd& signals_;
};

Result<> heal_everything(AgentCore& core) {
  Result<HealedFaults> healed = core.heal_all();
  for (int attempt = 1; attempt < kLastHeals && !healed.ok(); ++attempt) {
    (void)::poll(nullptr, 0, milliseconds(kHealRetry));
    healed = core.heal_all();
  }
  if (!healed.ok()) return healed.error();
  return {};
}

}  // namespace

Result<> run_agent(const AgentConfig& config) {
  const Fd lock = TRY(lock_state_dir(config.state_dir));
  const std::string boot = TRY(boot_id());
  std::set<FaultId> happened = TRY(clean_up_after_the_last(config.state_dir, boot));
  // Before there are threads, and before the nftables socket, which must die with us alone.
  LeaseBoard* board = TRY(LeaseBoard::map());
  const Watchdog watchdog = TRY(Watchdog::start(board));
  protect_this_process();
  const Fd signals = TRY(open_signals());
  const Wakeup wakeup = TRY(Wakeup::open());

  const auto kernel = TRY(LinuxKernel::open(journal_path(config.state_dir), config.cgroup_parent));
  const auto self = config.nodes.find(config.node.get());
  const NodeAddresses addresses = self == config.nodes.end() ? NodeAddresses{} : self->second;
  const auto probes = TRY(ProbeSockets::open(addresses, config.probe_port));
  EventBus events;
  const auto wake_loop = [&wakeup] { wakeup.wake(); };
  LaunchSkews launches;
  Supervisor supervisor({config.node.get(), config.search_path,
                         process_table_path(config.state_dir), boot, system_clock(), events,
                         wake_loop, &launches});
  TRY(supervisor.adopt());
  AgentCore core({config, *kernel, system_clock(), *board, supervisor, events, boot,
                  [&watchdog] { watchdog.wake(); }, [&watchdog] { return watchdog.is_alive(); },
                  wake_loop, &launches});
  TRY(core.begin(std::move(happened)));

  const AgentServer server =
      TRY(AgentServer::start({config, core, supervisor, *probes, events, system_clock()}));
  Loop(core, supervisor, *probes, watchdog, wakeup, signals).run();
  return heal_everything(core).in("heal at the end");
}

}  // namespace squall
