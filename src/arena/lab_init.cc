// Builds the lab step by step, then waits for children, the body's requests and the door.
#include "arena/lab_init.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "arena/delay_line.h"
#include "arena/lab_arena.h"
#include "arena/lab_channel.h"
#include "arena/lab_door_server.h"
#include "arena/lab_mounts.h"
#include "arena/lab_network.h"
#include "arena/lab_nodes.h"
#include "kernel/process.h"
#include "kernel/wait.h"

namespace squall {
namespace {

// An agent answers within some 50 ms; a machine that is busy takes longer.
constexpr Duration kAgentsUp = std::chrono::seconds(20);

void tell(const Fd& channel, LabNews news, const std::string& text) {
  // When the caller is gone we are about to be killed; there is nobody else to tell.
  (void)send_message(channel, static_cast<char>(news) + text);
}

class Init {
 public:
  explicit Init(LabSetup setup) : setup_(std::move(setup)) {}

  Result<> build();
  Result<> start_body();
  // Returns when the body has ended.
  Result<> serve();

  [[nodiscard]] const Fd& status() const { return setup_.status; }

 private:
  [[nodiscard]] AgentProgram agent_program() const {
    return {.self = setup_.self, .search_path = setup_.search_path, .cgroup = setup_.cgroup};
  }
  Result<> join_caller();
  Result<> start_agents();
  [[noreturn]] void become_body(Fd init_end);
  void reap_children();
  void note_exit(pid_t pid, int status);
  void answer_body();
  [[nodiscard]] std::string answer_to(const std::string& request);

  LabSetup setup_;
  std::optional<LabNodes> nodes_;
  std::optional<DoorServer> door_;
  DelayLine delay_line_;
  Fd children_;  // signalfd of SIGCHLD
  Fd body_end_;  // of the channel to the body
  pid_t body_ = 0;
  bool is_over_ = false;
};

// Dies with the caller, and takes everything in the PID namespace with it.
Result<> Init::join_caller() {
  // Our parent is in another PID namespace, where its number is 0 for us.
  TRY(set_parent_death_signal(SIGKILL, 0));
  // It may have died before the line above; then no signal comes.
  if (TRY(wait_for_exit(setup_.caller, Duration(0)))) ::_exit(1);
  TRY(write_id_maps(0, setup_.ids).in("map ids"));
  sigset_t chld;
  (void)::sigemptyset(&chld);
  (void)::sigaddset(&chld, SIGCHLD);
  if (const int error = ::pthread_sigmask(SIG_SETMASK, &chld, nullptr); error != 0) {
    return errno_error("block SIGCHLD", error);
  }
  children_ = Fd(::signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!children_.is_open()) return errno_error("make a signalfd");
  return {};
}

Result<> Init::build() {
  TRY(join_caller());
  TRY(mount_lab(setup_.paths, setup_.needed));
  TRY(make_lab_folders(setup_.paths, setup_.plan));
  std::vector<Fd> netns = TRY(build_network(setup_.plan));
  if (!setup_.plan.delay.empty()) {
    delay_line_ = TRY(start_delay_line(setup_.plan).in("start the delay line"));
  }
  nodes_ = TRY(LabNodes::make(setup_.plan, setup_.paths, std::move(netns)));
  door_ = DoorServer(std::move(setup_.door), setup_.search_path);
  tell(setup_.status, LabNews::kProgress,
       std::to_string(setup_.plan.nodes.size()) + " nodes in " +
           std::to_string(setup_.plan.regions.size()) + " regions");
  return start_agents();
}

Result<> Init::start_agents() {
  if (!setup_.has_agents) return {};
  for (std::size_t i = 0; i < setup_.plan.nodes.size(); ++i) {
    TRY(nodes_->start_agent(i, agent_program()));
  }
  return {};
}

Result<> Init::start_body() {
  auto [ours, theirs] = TRY(make_channel());
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork the lab's body");
  if (pid == 0) {
    ours.reset();
    become_body(std::move(theirs));
  }
  body_ = pid;
  body_end_ = std::move(ours);
  setup_.control.reset();  // so that the caller sees the body's end as the end of the stream
  return {};
}

void Init::become_body(Fd init_end) {
  leave_terminal(false);
  children_.reset();
  door_.reset();
  setup_.caller.reset();
  setup_.lifeline.reset();
  LabView view{.plan = setup_.plan,
               .paths = setup_.paths,
               .self = setup_.self,
               .netns = {},
               .facts = setup_.facts,
               .delay_line = delay_line_,
               .init = std::move(init_end)};
  for (std::size_t i = 0; i < setup_.plan.nodes.size(); ++i) {
    view.netns.push_back(nodes_->namespaces(i).netns.get());
  }
  int code = 1;
  {
    LabArena arena(std::move(view));
    const Result<> up = setup_.has_agents ? arena.wait_for_agents(kAgentsUp) : Result<>();
    if (up.ok()) {
      tell(setup_.status, LabNews::kUp, "");
      setup_.status.reset();
      code = setup_.body(arena, setup_.control.get());
    } else {
      tell(setup_.status, LabNews::kError, encode_error(up.error()));
    }
  }
  // The caller's exit handlers and destructors are the caller's, but what the body printed is ours.
  (void)std::fflush(nullptr);
  ::_exit(code);
}

Result<> Init::serve() {
  while (!is_over_) {
    std::vector<pollfd> entries{{.fd = children_.get(), .events = POLLIN, .revents = 0},
                                {.fd = body_end_.get(), .events = POLLIN, .revents = 0},
                                {.fd = setup_.caller.get(), .events = POLLIN, .revents = 0}};
    door_->add_to(entries);
    if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) {
      return errno_error("wait for the lab's processes");
    }
    if (entries[2].revents != 0) ::_exit(1);  // should the parent-death signal be lost
    if (entries[0].revents != 0) reap_children();
    if (entries[1].revents != 0) answer_body();
    door_->serve(setup_.plan, setup_.paths, *nodes_);
  }
  return {};
}

// Also the stack's processes whose agent has died: the kernel gives them to us.
void Init::reap_children() {
  signalfd_siginfo info = {};
  while (::read(children_.get(), &info, sizeof info) > 0) continue;
  int status = 0;
  for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0;
       pid = ::waitpid(-1, &status, WNOHANG)) {
    note_exit(pid, status);
  }
}

void Init::note_exit(pid_t pid, int status) {
  if (pid != body_) return nodes_->forget(pid);
  is_over_ = true;
  if (WIFEXITED(status)) {
    return tell(setup_.status, LabNews::kExit, std::to_string(WEXITSTATUS(status)));
  }
  tell(setup_.status, LabNews::kFailure,
       "the lab's body was killed by signal " + std::to_string(WTERMSIG(status)));
}

void Init::answer_body() {
  const Result<std::optional<LabMessage>> request = receive_message(body_end_);
  if (!request.ok() || !*request) {
    body_end_.reset();  // poll ignores it from now on; its exit comes by signal
    return;
  }
  (void)send_message(body_end_, answer_to((*request)->text));  // it may have died meanwhile
}

std::string Init::answer_to(const std::string& request) {
  const std::size_t space = request.find(' ');
  CHECK(space != std::string::npos);
  const std::size_t node = std::strtoul(request.c_str() + space, nullptr, 10);
  CHECK(node < setup_.plan.nodes.size());
  if (request.substr(0, space) == "pid") return std::to_string(nodes_->agent_pid(node));
  const Result<> restarted = nodes_->restart_agent(node, agent_program());
  if (restarted.ok()) return "restarted";
  return static_cast<char>(LabNews::kError) + encode_error(restarted.error());
}

}  // namespace

std::string encode_error(const Error& error) {
  return static_cast<char>('0' + static_cast<int>(error.code)) + error.what;
}

Error decode_error(std::string_view text) {
  CHECK(!text.empty());
  return {static_cast<Errc>(text[0] - '0'), std::string(text.substr(1))};
}

void run_lab_init(LabSetup setup) {
  leave_terminal(false);
  Init init(std::move(setup));
  Result<> outcome = init.build();
  if (outcome.ok()) outcome = init.start_body();
  if (outcome.ok()) outcome = init.serve();
  if (!outcome.ok()) tell(init.status(), LabNews::kError, encode_error(outcome.error()));
  ::_exit(outcome.ok() ? 0 : 1);
}

}  // namespace squall
