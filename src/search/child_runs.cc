// Children by fork and exec.
#include "search/child_runs.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <limits>

#include "kernel/one_processor.h"

namespace squall {
namespace {

constexpr int kCannotExec = 127;
constexpr Duration kKillPatience = std::chrono::seconds(10);

constexpr int kAnyProcessor = -1;

// Only what is safe between fork and exec; `argv` was made before.
[[noreturn]] void become(std::vector<char*>& argv, int log, pid_t parent, const sigset_t& mask) {
  (void)::setpgid(0, 0);
  if (!set_parent_death_signal(SIGKILL, parent)) ::_exit(kCannotExec);
  for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
    if (::dup2(log, output) < 0) ::_exit(kCannotExec);
  }
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (nothing >= 0) (void)::dup2(nothing, STDIN_FILENO);
  (void)::sigprocmask(SIG_SETMASK, &mask, nullptr);  // NOLINT(concurrency-mt-unsafe): forked
  ::execv(argv[0], argv.data());
  ::_exit(kCannotExec);
}

}  // namespace

Result<ChildRuns> ChildRuns::open() {
  ChildRuns runs;
  sigset_t stops;
  sigemptyset(&stops);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&stops, signal);
  pthread_sigmask(SIG_BLOCK, &stops, &runs.before_);
  runs.signals_ = Fd(::signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!runs.signals_.is_open()) return errno_error("make a signalfd");
  return runs;
}

ChildRuns::ChildRuns(ChildRuns&& other) noexcept
    : children_(std::move(other.children_)),
      signals_(std::move(other.signals_)),
      before_(other.before_) {
  other.children_.clear();
}

ChildRuns::~ChildRuns() {
  kill();
  for (const auto& [id, pidfd] : children_) {
    (void)wait_for_exit(pidfd, kKillPatience);  // a child that will not die is the kernel's
    (void)reap(pidfd);
  }
  if (signals_.is_open()) pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int ChildRuns::least_used_processor() const {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return kAnyProcessor;
  int best = kAnyProcessor;
  std::ptrdiff_t fewest = std::numeric_limits<std::ptrdiff_t>::max();
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (!CPU_ISSET(static_cast<std::size_t>(processor), &allowed)) continue;
    const auto users = std::count_if(processors_.begin(), processors_.end(),
                                     [=](const auto& one) { return one.second == processor; });
    if (users >= fewest) continue;
    fewest = users;
    best = processor;
  }
  return best;
}

Result<> ChildRuns::start(std::size_t id, const ChildRun& run) {
  std::vector<std::string> words = run.words;
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const Fd log(::open(run.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!log.is_open()) return errno_error("open " + run.log);
  const int processor = run.has_own_processor ? least_used_processor() : kAnyProcessor;
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork");
  if (pid == 0) {
    stay_on_processor(processor);
    become(argv, log.get(), parent, before_);
  }
  if (processor != kAnyProcessor) processors_[id] = processor;
  // Not reaped yet, so the pid is the child's even if it has ended.
  children_.emplace(id, TRY(open_pidfd(pid)));
  return {};
}

Result<ChildRuns::Event> ChildRuns::wait(Duration timeout) {
  std::vector<pollfd> waiting{{signals_.get(), POLLIN, 0}};
  std::vector<std::size_t> ids;
  for (const auto& [id, pidfd] : children_) {
    waiting.push_back({pidfd.get(), POLLIN, 0});
    ids.push_back(id);
  }
  const auto milliseconds =
      static_cast<int>(std::min<std::int64_t>(timeout / std::chrono::milliseconds(1), 60'000));
  const int ready = ::poll(waiting.data(), waiting.size(), milliseconds);
  if (ready < 0 && errno != EINTR) return errno_error("poll");
  if (ready <= 0) return Event{};
  signalfd_siginfo info{};
  if (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    return Event{Event::Kind::kStop, 0, {}};
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (waiting[i + 1].revents == 0) continue;
    const std::optional<ExitStatus> status = TRY(reap(children_.at(ids[i])));
    if (!status) continue;
    children_.erase(ids[i]);
    processors_.erase(ids[i]);
    return Event{Event::Kind::kEnded, ids[i], *status};
  }
  return Event{};
}

void ChildRuns::interrupt() {
  for (const auto& [id, pidfd] : children_) (void)send_signal(pidfd, SIGINT);  // may have ended
}

void ChildRuns::kill() {
  for (const auto& [id, pidfd] : children_) (void)send_signal(pidfd, SIGKILL);  // may have ended
}

}  // namespace squall
