// Forks a child that waits for its end.
#include "tests/support/holder.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>

#include "kernel/process.h"

namespace squall {
namespace {

[[noreturn]] void live(const std::function<Result<>()>& work, int ready, pid_t parent) {
  const pid_t self = ::getpid();
  const Result<> tied = set_parent_death_signal(SIGKILL, parent);
  const Result<> done = tied.ok() ? work() : tied;
  if (!done.ok()) {
    (void)::dprintf(ready, "%s", done.error().what.c_str());
    ::_exit(1);
  }
  // A process that `work` forked comes by here too, and has nothing to say.
  if (::getpid() == self) (void)!::write(ready, "!", 1);
  for (;;) ::pause();
}

}  // namespace

Result<Holder> Holder::start(const std::function<Result<>()>& work) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make a pipe");
  const Fd reader(ends[0]);
  Fd writer(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork a holder");
  if (pid == 0) live(work, writer.get(), parent);
  writer.reset();
  Holder holder(pid, TRY(open_pidfd(pid)));
  std::array<char, 1024> message{};
  const ssize_t count = ::read(reader.get(), message.data(), message.size() - 1);
  if (count == 1 && message[0] == '!') return holder;
  return Error{Errc::kIo, std::string("the holder failed: ") + message.data()};
}

Holder::~Holder() {
  if (pidfd_.is_open()) kill();
}

void Holder::kill() {
  (void)send_signal(pidfd_, SIGKILL);  // it may have ended by itself
  (void)::waitpid(pid_, nullptr, 0);
  pidfd_.reset();
}

void Holder::stop() {
  CHECK(send_signal(pidfd_, SIGSTOP).ok());
  int status = 0;
  CHECK(::waitpid(pid_, &status, WUNTRACED) == pid_ && WIFSTOPPED(status));
}

}  // namespace squall
