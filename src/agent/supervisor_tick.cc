// How the supervisor sees processes end, and starts them again.
#include <algorithm>

#include "agent/supervisor.h"

namespace squall {
namespace {

// A process that fails at once is started again after 100 ms, 200 ms, …, 5 s.
constexpr Duration kBackoffMin = std::chrono::milliseconds(100);
constexpr Duration kBackoffMax = std::chrono::seconds(5);
constexpr std::uint32_t kMaxDoublings = 6;
// Having run for so long, it has not failed at once.
constexpr Duration kHealthyAfter = std::chrono::seconds(10);

std::string state_of(const ExitStatus& status) {
  return (status.is_signalled ? "killed by " : "exited ") + std::to_string(status.code);
}

Duration backoff(std::uint32_t failures) {
  const std::uint32_t doublings = std::min(failures, kMaxDoublings);
  return std::min(kBackoffMin * (std::int64_t{1} << doublings), kBackoffMax);
}

}  // namespace

std::vector<int> Supervisor::poll_fds() const {
  const std::lock_guard lock(mutex_);
  std::vector<int> fds;
  for (const auto& [name, managed] : managed_) {
    if (managed.pidfd.is_open()) fds.push_back(managed.pidfd.get());
  }
  return fds;
}

std::optional<MonoTime> Supervisor::next_due() const {
  const std::lock_guard lock(mutex_);
  std::optional<MonoTime> due;
  for (const auto& [name, managed] : managed_) {
    if (managed.restart_at && (!due || *managed.restart_at < *due)) due = managed.restart_at;
  }
  return due;
}

void Supervisor::tick() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, managed] : managed_) {
    if (managed.pidfd.is_open()) take_end(managed);
    if (managed.restart_at && parts_.clock.mono() >= *managed.restart_at) restart(managed);
  }
}

void Supervisor::take_end(Managed& managed) {
  bool is_failure = true;
  if (managed.is_child) {
    const Result<std::optional<ExitStatus>> status = reap(managed.pidfd);
    if (status.ok() && !status->has_value()) return;  // it runs
    if (status.ok()) is_failure = (*status)->is_signalled || (*status)->code != 0;
    managed.record.state = status.ok() ? state_of(**status) : "exited, nobody saw how";
  } else {
    const Result<bool> has_exited = wait_for_exit(managed.pidfd, Duration{0});
    if (has_exited.ok() && !*has_exited) return;
    managed.record.state = "exited, nobody saw how";
  }
  managed.pidfd.reset();
  managed.record.id = {};
  publish(managed);
  plan_next(managed, is_failure);
  (void)save();  // the next agent finds out by itself that the pid is gone
  changed_.notify_all();
}

void Supervisor::plan_next(Managed& managed, bool is_failure) {
  const MonoTime now = parts_.clock.mono();
  if (managed.is_stopping) return;
  if (managed.planned) {
    managed.restart_at = now + *managed.planned;
    managed.planned.reset();
  } else if (managed.record.spec.is_restarted_on_failure && is_failure) {
    if (now - managed.started >= kHealthyAfter) managed.failures = 0;
    managed.restart_at = now + backoff(managed.failures++);
  }
  if (!managed.restart_at) return;
  managed.record.state = "restarting";
  publish(managed);
}

void Supervisor::restart(Managed& managed) {
  managed.restart_at.reset();
  ++managed.record.restarts;
  const Result<> launched = launch(managed);
  if (launched.ok()) return;
  managed.record.state = "cannot restart: " + launched.error().what;
  publish(managed);
  changed_.notify_all();
}

void Supervisor::publish(const Managed& managed) {
  const ProcessRecord& record = managed.record;
  parts_.events.publish(
      {parts_.clock.mono(),
       StackProcessStatus{record.spec.name.get(), record.id.pid, record.state, record.restarts}});
}

}  // namespace squall
