// Finds the socket in /proc/net/unix, receives the namespaces, enters them, runs the command.
#include "arena/lab_door.h"

#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "arena/lab_channel.h"
#include "arena/lab_door_server.h"
#include "arena/lab_init.h"
#include "base/files.h"
#include "kernel/capabilities.h"
#include "kernel/process.h"
#include "kernel/pseudo_file.h"
#include "kernel/wait.h"

namespace squall {
namespace {

// The lab's init answers at once unless it is stopped.
constexpr Duration kAnswer = std::chrono::seconds(5);
constexpr int kCannotRun = 127;

struct Room {
  std::vector<Fd> namespaces;  // in the order of kDoorFds
  std::string directory;
  std::string search_path;
};

Result<std::string> choose_run(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  const std::vector<int> runs = TRY(open_runs());
  if (runs.empty()) {
    return Error{Errc::kNotFound, "no run of this user is up; start one with squall run --keep"};
  }
  if (runs.size() == 1) return std::to_string(runs.front());
  std::string list;
  for (const int pid : runs) list += (list.empty() ? "" : ", ") + std::to_string(pid);
  return Error{Errc::kInvalid, "several runs are up, name one by its pid: " + list};
}

Result<Fd> connect_to(const std::string& name) {
  Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return errno_error("open a socket");
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (name.size() + 1 >= sizeof address.sun_path) {
    return Error{Errc::kInvalid, "'" + name + "' is too long"};
  }
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    return Error{Errc::kNotFound, "no run with pid " + name.substr(name.rfind('-') + 1) +
                                      " of this user can be entered"};
  }
  return socket;
}

Result<Room> ask(const Fd& door, const NodeName& node) {
  TRY(send_message(door, node.get()));
  if (!TRY(wait_readable(door, kAnswer))) return Error{Errc::kTimeout, "the run does not answer"};
  std::optional<LabMessage> answer = TRY(receive_message(door));
  if (!answer) return Error{Errc::kIo, "the run does not let us in"};
  if (answer->text[0] == static_cast<char>(LabNews::kError)) {
    return decode_error(answer->text.substr(1));
  }
  const std::size_t line = answer->text.find('\n');
  if (answer->fds.size() != kDoorFds || line == std::string::npos) {
    return Error{Errc::kIo, "the run gave an answer that this version does not understand"};
  }
  return Room{.namespaces = std::move(answer->fds),
              .directory = answer->text.substr(1, line - 1),
              .search_path = answer->text.substr(line + 1)};
}

// In a child.  The user namespace is first: it gives the right to enter the others.
Result<> enter(const Room& room) {
  for (const Fd& ns : room.namespaces) {
    if (::setns(ns.get(), 0) != 0) return errno_error("enter the node's namespaces");
  }
  if (::chdir(room.directory.c_str()) != 0) return errno_error("enter " + room.directory);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): a forked child has one thread.
  if (::setenv("PATH", room.search_path.c_str(), 1) != 0) return errno_error("set PATH");
  return {};
}

// Returns only on failure.
Error become(const std::vector<std::string>& argv) {
  std::vector<std::string> copies = argv;  // execvp wants mutable strings
  std::vector<char*> words;
  words.reserve(copies.size() + 1);
  for (std::string& word : copies) words.push_back(word.data());
  words.push_back(nullptr);
  const Result<> raised = raise_ambient_caps();
  if (!raised.ok()) return raised.error();
  (void)::execvp(words[0], words.data());
  return errno_error("run '" + argv.front() + "'");
}

int exit_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int wait_code(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return kCannotRun;
  }
  return exit_code(status);
}

// A PID namespace holds only children born after it was entered, hence the second fork.
[[noreturn]] void visit(const Room& room, const std::vector<std::string>& argv, const Fd& channel) {
  const Result<> entered = enter(room);
  if (!entered.ok()) {
    (void)send_message(channel, entered.error().what);  // our parent waits for it or is gone
    ::_exit(kCannotRun);
  }
  const pid_t pid = ::fork();
  if (pid == 0) {
    // Neither survives the caller: the parent-death signal runs along the chain.
    if (!set_parent_death_signal(SIGKILL, 0).ok()) ::_exit(kCannotRun);
    (void)send_message(channel, become(argv).what);  // read once we are gone
    ::_exit(kCannotRun);
  }
  // Ctrl-C is for the command.
  (void)::signal(SIGINT, SIG_IGN);
  (void)::signal(SIGQUIT, SIG_IGN);
  ::_exit(pid < 0 ? kCannotRun : wait_code(pid));
}

Result<int> run_visit(const Room& room, const std::vector<std::string>& argv) {
  auto [ours, theirs] = TRY(make_channel());
  (void)std::fflush(nullptr);
  const pid_t caller = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork");
  if (pid == 0) {
    if (!set_parent_death_signal(SIGKILL, caller).ok()) ::_exit(kCannotRun);
    visit(room, argv, theirs);
  }
  theirs.reset();
  const auto old_int = ::signal(SIGINT, SIG_IGN);
  const auto old_quit = ::signal(SIGQUIT, SIG_IGN);
  const int code = wait_code(pid);
  (void)::signal(SIGINT, old_int);
  (void)::signal(SIGQUIT, old_quit);
  const std::optional<LabMessage> failure = TRY(receive_message(ours));
  if (failure) return Error{Errc::kIo, failure->text};
  return code;
}

}  // namespace

Result<std::vector<int>> open_runs() {
  const std::string prefix = "@squall-run-" + std::to_string(::geteuid()) + "-";
  std::istringstream table(TRY(read_pseudo_file("/proc/net/unix")));
  std::vector<int> pids;
  for (std::string line; std::getline(table, line);) {
    const std::size_t begin = line.find(prefix);
    if (begin == std::string::npos) continue;
    const char* number = line.c_str() + begin + prefix.size();
    pids.push_back(static_cast<int>(std::strtol(number, nullptr, 10)));
  }
  // A visit in progress shows the same name a second time.
  std::sort(pids.begin(), pids.end());
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  return pids;
}

Result<int> run_in_node(const std::string& run_pid, const NodeName& node,
                        const std::vector<std::string>& argv) {
  if (argv.empty()) return Error{Errc::kInvalid, "no command to run"};
  const std::string run = TRY(choose_run(run_pid));
  const Fd door = TRY(connect_to("squall-run-" + std::to_string(::geteuid()) + "-" + run));
  const Room room = TRY(ask(door, node).in("enter node '" + node.get() + "' of run " + run));
  return run_visit(room, argv);
}

}  // namespace squall
