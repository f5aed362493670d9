// A forked child whose error comes back through a pipe.
#include "kernel/child.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <csignal>
#include <string>

#include "kernel/pipe.h"
#include "kernel/process.h"

namespace squall {
namespace {

void close_range(unsigned first, unsigned last) {
  (void)::syscall(SYS_close_range, first, last, 0U);  // since Linux 5.9, older than we support
}

// The first byte is the code, the rest the text.  A success sends nothing.
void report(int pipe, const Result<>& outcome) {
  if (outcome.ok()) return;
  std::string message(1, static_cast<char>(outcome.error().code));
  message += outcome.error().what.substr(0, PIPE_BUF - 1);  // an empty pipe takes this at once
  (void)!::write(pipe, message.data(), message.size());  // the exit code still says that it failed
}

std::string read_all(const Fd& pipe) {
  std::string text;
  std::array<char, PIPE_BUF> buffer{};
  for (;;) {
    const ssize_t count = ::read(pipe.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Result<int> wait_status(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return errno_error("wait for a helper process");
  }
  return status;
}

}  // namespace

Result<> run_in_child(const std::function<Result<>()>& work) {
  Pipe answer = TRY(make_pipe());
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return errno_error("fork a helper process");
  if (child == 0) {
    // The first process of a PID namespace sees its parent as 0.
    const Result<> tied = set_parent_death_signal(SIGKILL, ::getpid() == 1 ? 0 : parent);
    const Result<> outcome = tied.ok() ? work() : tied;
    report(answer.writing.get(), outcome);
    ::_exit(outcome.ok() ? 0 : 1);
  }
  answer.writing.reset();
  const std::string message = read_all(answer.reading);
  const int status = TRY(wait_status(child));
  if (!message.empty()) return Error{static_cast<Errc>(message[0]), message.substr(1)};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Error{Errc::kIo, "a helper process died with wait status " + std::to_string(status)};
}

void close_all_except(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned next = STDERR_FILENO + 1;
  for (const int fd : kept) {
    const auto keep = static_cast<unsigned>(fd);
    if (fd < 0 || keep < next) continue;
    if (keep > next) close_range(next, keep - 1);
    next = keep + 1;
  }
  close_range(next, UINT_MAX);
}

}  // namespace squall
