// A perturber as a child: a line of text each way, over a socket pair.
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "arena/perturber.h"
#include "kernel/child.h"

namespace squall {
namespace {

constexpr std::size_t kMaxLine = 1024;
constexpr char kWell = '+';  // before what it says
constexpr char kFailed = '-';

void say(const Fd& line, char mark, const std::string& text) {
  const std::string said = mark + text.substr(0, kMaxLine - 1);
  (void)!::write(line.get(), said.data(), said.size());  // whoever has gone need not hear it
}

Result<std::string> hear(const Fd& line) {
  std::array<char, kMaxLine> buffer{};
  ssize_t count = 0;
  do {
    count = ::read(line.get(), buffer.data(), buffer.size());
  } while (count < 0 && errno == EINTR);
  if (count <= 0) return Error{Errc::kIo, "the perturber is gone"};
  std::string text(buffer.data() + 1, static_cast<std::size_t>(count - 1));
  if (buffer[0] == kFailed) return Error{Errc::kIo, "perturber: " + text};
  return text;
}

Result<PerturberCounts> perturb(const PerturberSettings& settings, const Fd& line) {
  std::string directory = "/tmp/squall-perturber-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) return errno_error("make " + directory);
  Perturber perturber = TRY(Perturber::start(settings, directory));
  say(line, kWell, "");
  PerturberCounts counts = TRY(perturber.run_until(line));
  (void)::rmdir(directory.c_str());  // what is left goes with the machine
  return counts;
}

[[noreturn]] void become_perturber(const PerturberSettings& settings, const Fd& line) {
  (void)::prctl(PR_SET_NAME, "squall-perturb");
  close_all_except({line.get()});
  const Result<PerturberCounts> counts = perturb(settings, line);
  if (counts.ok()) {
    say(line, kWell, to_text(draw_character(settings)) + "; " + to_text(*counts));
  } else {
    say(line, kFailed, counts.error().what);
  }
  ::_exit(0);
}

}  // namespace

Result<PerturberProcess> PerturberProcess::start(const PerturberSettings& settings) {
  if (settings.seed == 0) return PerturberProcess(Fd());
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return errno_error("make a socket pair");
  }
  Fd ours(ends[0]);
  const Fd theirs(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork the perturber");
  if (pid == 0) become_perturber(settings, theirs);
  PerturberProcess process(std::move(ours));
  TRY(hear(process.line_));
  return process;
}

Result<std::string> PerturberProcess::stop() {
  if (!line_.is_open()) return std::string();
  if (::shutdown(line_.get(), SHUT_WR) != 0) return errno_error("stop the perturber");
  return hear(line_);
}

}  // namespace squall
