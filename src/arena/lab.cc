// The outer side of the lab: checks, forks the lab's init into fresh namespaces, waits for its end.
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "arena/arena.h"
#include "arena/lab_channel.h"
#include "arena/lab_door_server.h"
#include "arena/lab_guardian.h"
#include "arena/lab_init.h"
#include "arena/lab_mounts.h"
#include "kernel/probes.h"
#include "kernel/process.h"

namespace squall {
namespace {

constexpr int kLabNamespaces =
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
// Per node: three namespaces held by the init, three by the body; and some for everybody else.
constexpr rlim_t kFdsPerNode = 8;
constexpr rlim_t kFdsBesides = 256;

std::string absolute(const std::string& path) {
  std::error_code error;
  const auto full = std::filesystem::weakly_canonical(path, error);
  return error ? path : full.string();
}

std::vector<std::string> split_path(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ':');) {
    if (!part.empty()) parts.push_back(absolute(part));
  }
  return parts;
}

// The reference stack's programs lie beside squall itself.
std::string search_path(const std::string& stacks, const std::string& self) {
  const char* inherited = ::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): one thread only
  const std::string rest = inherited == nullptr ? "/usr/local/bin:/usr/bin:/bin" : inherited;
  const std::string beside = std::filesystem::path(self).parent_path().string();
  return (stacks.empty() ? "" : stacks + ":") + beside + ":" + rest;
}

std::vector<std::string> needed_paths(const LabOptions& options, const std::string& self) {
  std::vector<std::string> needed = split_path(options.stacks);
  needed.push_back(self);
  needed.push_back(absolute("."));
  for (const std::string& path : options.keep_visible) needed.push_back(absolute(path));
  return needed;
}

Result<> check_tun(const std::string& device) {
  const Fd tun(::open(device.c_str(), O_RDWR | O_CLOEXEC));
  if (tun.is_open()) return {};
  const bool is_forbidden = errno == EACCES || errno == EPERM;
  Error error = errno_error("the baseline delay between regions: open " + device);
  error.code = Errc::kUnsupported;
  error.what += is_forbidden ? "; run as root, or let this user open it: chmod 666 " + device
                             : "; load the tun module, or in a container: --device " + device;
  error.what += "; or run with --no-baseline";
  return error;
}

std::map<std::string, std::string> lab_facts(const LabOptions& options, const LabSetup& setup) {
  utsname names = {};
  (void)::uname(&names);  // cannot fail with a valid buffer
  std::map<std::string, std::string> facts;
  facts["kernel"] = names.release;
  facts["lab.directory"] = setup.paths.root;
  facts["baseline"] = !options.has_baseline      ? "off: --no-baseline"
                      : setup.plan.delay.empty() ? "none: the topology has no delays"
                                                 : "delay line on a TUN device";
  return facts;
}

Result<> raise_fd_limit(std::size_t nodes) {
  const rlim_t wanted = kFdsBesides + kFdsPerNode * nodes;
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return errno_error("read the descriptor limit");
  if (limit.rlim_cur >= wanted) return {};
  if (limit.rlim_max < wanted) {
    return Error{Errc::kUnsupported, "the limit of open files is too low for " +
                                         std::to_string(nodes) + " nodes: ulimit -Hn " +
                                         std::to_string(wanted)};
  }
  limit.rlim_cur = wanted;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return errno_error("raise the descriptor limit");
  return {};
}

Result<LabSetup> prepare(const Topology& topology, const LabOptions& options) {
  LabSetup setup;
  setup.plan = TRY(plan_lab(topology, options.has_baseline));
  if (!setup.plan.delay.empty()) TRY(check_tun(options.tun_device));
  setup.self = absolute(options.self.empty() ? "/proc/self/exe" : options.self);
  setup.needed = needed_paths(options, setup.self);
  setup.paths.root = TRY(choose_mount_point(setup.needed));
  setup.search_path = search_path(options.stacks, setup.self);
  setup.has_agents = options.has_agents;
  setup.ids.outside_uid = ::geteuid();
  setup.ids.outside_gid = ::getegid();
  setup.facts = lab_facts(options, setup);
  setup.caller = TRY(open_pidfd(::getpid()));
  TRY(raise_fd_limit(setup.plan.nodes.size()));
  return setup;
}

// Neither of these is worth refusing a run for; their absence is recorded.
std::optional<Guardian> add_comforts(LabSetup& setup) {
  Result<Fd> door = open_door(door_name(::geteuid(), ::getpid()));
  if (door.ok()) {
    setup.door = std::move(*door);
  } else {
    setup.facts["door"] = door.error().what;
  }
  if (!setup.has_agents) return std::nullopt;
  Result<Guardian> guardian = start_guardian();
  if (!guardian.ok()) {
    setup.facts["freezer"] = "none: " + guardian.error().what;
    return std::nullopt;
  }
  setup.facts["freezer"] = guardian->cgroup.path;
  setup.cgroup = guardian->cgroup;
  setup.lifeline = std::move(guardian->lifeline);
  return std::move(*guardian);
}

// fork(2) into new namespaces.  The raw call, because glibc has no fork with flags; the child has
// one thread, and its own children are made by the real fork again.
Result<pid_t> clone_init() {
  (void)std::fflush(nullptr);  // or both processes would print what is buffered
  const auto pid = ::syscall(SYS_clone, kLabNamespaces | SIGCHLD, nullptr, nullptr, nullptr, 0L);
  if (pid >= 0) return static_cast<pid_t>(pid);
  const Error error = errno_error("make the lab's namespaces");
  return Error{Errc::kUnsupported, error.what + "; " + user_namespace_advice("")};
}

struct Channels {
  Fd news;
  Fd control;
};

Result<Channels> connect(LabSetup& setup) {
  auto [ours, theirs] = TRY(make_channel());
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return errno_error("make the control socket");
  }
  setup.status = std::move(theirs);
  setup.control = Fd(ends[1]);
  return Channels{.news = std::move(ours), .control = Fd(ends[0])};
}

class Watcher {
 public:
  Watcher(const LabOptions& options, const std::function<void(int)>& while_running)
      : options_(options), while_running_(while_running) {}

  // Until the lab has closed the channel.
  Result<> follow(Channels& channels) {
    for (;;) {
      const std::optional<LabMessage> message = TRY(receive_message(channels.news));
      if (!message) return {};
      const std::string text = message->text.substr(1);
      switch (static_cast<LabNews>(message->text[0])) {
        case LabNews::kProgress:
          if (options_.progress) options_.progress(text);
          break;
        case LabNews::kUp:
          if (while_running_) while_running_(channels.control.get());
          channels.control.reset();  // a body that still listens learns that nobody speaks
          break;
        case LabNews::kError:
          error_ = decode_error(text);
          break;
        case LabNews::kExit:
          end_ = LabEnd{.exit_code = static_cast<int>(std::strtol(text.c_str(), nullptr, 10)),
                        .failure = ""};
          break;
        case LabNews::kFailure:
          end_ = LabEnd{.exit_code = 0, .failure = text};
          break;
      }
    }
  }

  // `status` is that of the lab's init.
  [[nodiscard]] Result<LabEnd> outcome(int status) const {
    if (error_) return error_->in("lab");
    if (end_) return *end_;
    const std::string how = WIFSIGNALED(status)
                                ? "was killed by signal " + std::to_string(WTERMSIG(status))
                                : "exited with " + std::to_string(WEXITSTATUS(status));
    return LabEnd{.exit_code = 0, .failure = "the lab's init " + how};
  }

 private:
  const LabOptions& options_;
  const std::function<void(int)>& while_running_;
  std::optional<Error> error_;
  std::optional<LabEnd> end_;
};

Result<int> wait_status(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return errno_error("wait for the lab's init");
  }
  return status;
}

}  // namespace

Result<LabEnd> run_in_lab(const Topology& topology, const LabOptions& options,
                          const std::function<int(Arena&, int control)>& body,
                          const std::function<void(int control)>& while_running) {
  LabSetup setup = TRY(prepare(topology, options).in("lab"));
  setup.body = body;
  Channels channels = TRY(connect(setup).in("lab"));
  std::optional<Guardian> guardian = add_comforts(setup);
  const Result<pid_t> init = clone_init();
  if (init.ok() && *init == 0) {
    channels.news.reset();
    channels.control.reset();
    run_lab_init(std::move(setup));
  }
  setup = LabSetup{};  // closes the lab's ends of everything
  Watcher watcher(options, while_running);
  const Result<> followed = init.ok() ? watcher.follow(channels) : Result<>();
  channels.control.reset();
  if (!followed.ok()) (void)::kill(*init, SIGKILL);  // our child, not reaped yet
  const Result<int> status = init.ok() ? wait_status(*init) : Result<int>(0);
  if (guardian) end_guardian(std::move(*guardian));
  if (!init.ok()) return init.error().in("lab");
  if (!followed.ok()) return followed.error().in("lab");
  return watcher.outcome(TRY(Result<int>(status).in("lab")));
}

}  // namespace squall
