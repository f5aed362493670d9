// Real agents, victims and deaths for the kernel tests.
#include "tests/agent/real_agent.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "agent/state_dir.h"
#include "kernel/namespaces.h"

namespace squall {
namespace {

// Counts the calls that change something.
class DyingDelays final : public DelayBackend {
 public:
  DyingDelays(DelayBackend& delays, std::function<void()> count)
      : delays_(delays), count_(std::move(count)) {}

  std::string residue() const override { return delays_.residue(); }
  Result<> remove_residue(const std::string& what) override {
    return count_(), delays_.remove_residue(what);
  }
  Result<> set(const std::vector<DelayRow>& rows) override { return count_(), delays_.set(rows); }
  void extend(const FaultId& fault, BootTime expiry) override {
    count_();
    delays_.extend(fault, expiry);
  }
  Result<> check() override { return delays_.check(); }
  Result<> release() override { return count_(), delays_.release(); }
  Result<bool> is_gone() override { return count_(), delays_.is_gone(); }
  std::map<FaultId, DelaySpec> carried() override { return delays_.carried(); }
  Result<DelayCounters> counters() override { return delays_.counters(); }

 private:
  DelayBackend& delays_;
  std::function<void()> count_;
};

class DyingKernel final : public NodeKernel {
 public:
  DyingKernel(std::unique_ptr<NodeKernel> kernel, int dies_at)
      : kernel_(std::move(kernel)),
        left_(dies_at),
        delays_(kernel_->delays(), [this] { (void)next(); }) {}

  Result<> run_nft(const std::string& commands) override { return next().run_nft(commands); }
  Result<std::string> read_nft(const std::string& command) override {
    return next().read_nft(command);
  }
  Result<> drop_nft() override { return next().drop_nft(); }
  DelayBackend& delays() override { return delays_; }
  Result<std::vector<ProcessId>> tree(const ProcessId& id) override { return next().tree(id); }
  Result<bool> is_stopped(const ProcessId& id) override { return next().is_stopped(id); }
  Result<> signal(const ProcessId& id, int number) override { return next().signal(id, number); }
  Result<> skew_clock(const ProcessId& id, Duration offset, BootTime until) override {
    return next().skew_clock(id, offset, until);
  }
  Result<> restore_clock(const ProcessId& id) override { return next().restore_clock(id); }
  Result<ClockReading> read_clock(const ProcessId& id) override { return next().read_clock(id); }
  Result<std::string> freezer_path(const std::string& name) override {
    return next().freezer_path(name);
  }
  Result<> make_freezer(const std::string& name) override { return next().make_freezer(name); }
  Result<> freeze(const std::string& path, const std::vector<ProcessId>& members) override {
    return next().freeze(path, members);
  }
  Result<bool> is_frozen(const std::string& path) override { return next().is_frozen(path); }
  Result<> remove_freezer(const std::string& path) override { return next().remove_freezer(path); }
  Result<> append_journal(const std::string& line) override { return next().append_journal(line); }
  Result<> replace_journal(const std::string& content) override {
    return next().replace_journal(content);
  }

 private:
  NodeKernel& next() {
    if (--left_ == 0) (void)::raise(SIGKILL);
    return *kernel_;
  }
  std::unique_ptr<NodeKernel> kernel_;
  int left_;
  DyingDelays delays_;
};

}  // namespace

Result<Victim> Victim::start() {
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork");
  if (pid == 0) {
    for (;;) (void)::pause();
  }
  return Victim(TRY(identify(pid)), TRY(open_pidfd(pid)));
}

Victim::~Victim() {
  if (!pidfd_.is_open()) return;  // moved from
  (void)send_signal(pidfd_, SIGKILL);
  (void)::waitpid(id_.pid, nullptr, 0);
}

bool Victim::is_stopped() const {
  return process_state(id_.pid).value_or('?') == 'T';
}

std::unique_ptr<NodeKernel> dying_kernel(std::unique_ptr<NodeKernel> kernel, int dies_at) {
  return std::make_unique<DyingKernel>(std::move(kernel), dies_at);
}

Result<std::unique_ptr<RealAgent>> RealAgent::start(const TwoNodes& nodes, const ProcessId& victim,
                                                    const std::string& state_dir, bool has_watchdog,
                                                    int dies_at, const std::string& cgroup_parent,
                                                    DelayChoice delays) {
  auto agent = std::make_unique<RealAgent>();
  agent->config.node = NodeName("left");
  agent->config.cgroup_parent = cgroup_parent;
  agent->config.nodes = {{"left", {"198.18.0.1", "fd00::1"}}, {"right", {"198.18.0.2", "fd00::2"}}};
  agent->stack = std::make_unique<OneProcess>(victim);
  agent->board = TRY(LeaseBoard::map());
  const NetnsScope scope = TRY(NetnsScope::enter(nodes.left));
  if (has_watchdog) agent->watchdog = TRY(Watchdog::start(agent->board));
  const std::string journal = journal_path(state_dir);
  std::unique_ptr<NodeKernel> kernel = TRY(LinuxKernel::open(journal, cgroup_parent, delays));
  // The nftables socket belongs to the namespace in which it is opened: at once.
  (void)kernel->read_nft(nft_listing({.name = "squall_left", .probe_port = 0}, {}));
  agent->kernel = dying_kernel(std::move(kernel), dies_at);
  RealAgent* self = agent.get();
  agent->core = std::make_unique<AgentCore>(
      AgentParts{agent->config, *agent->kernel, system_clock(), *agent->board, *agent->stack,
                 agent->events, TRY(boot_id()),
                 [self] {
                   if (self->watchdog) self->watchdog->wake();
                 },
                 [self] { return !self->watchdog || self->watchdog->is_alive(); }, [] {}});
  TRY(agent->core->begin({}));
  return agent;
}

bool eventually(const std::function<bool()>& is_true) {
  const MonoTime until = system_clock().mono() + kPatience;
  while (!is_true()) {
    if (system_clock().mono() > until) return false;
    (void)::poll(nullptr, 0, 10);
  }
  return true;
}

TemporaryFolder::TemporaryFolder() {
  std::string path = (std::filesystem::temp_directory_path() / "squall-test-XXXXXX").string();
  CHECK(::mkdtemp(path.data()) != nullptr);
  path_ = path;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace squall
