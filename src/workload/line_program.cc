// Starting by Boost.Process; pipes of our own, because reads and writes have deadlines.
#include "workload/line_program.h"

// g++ 12 sees overflows in the launcher's vector of three descriptors, which are not there.
#ifndef __clang__
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wrestrict"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/optional.hpp>
#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/type_traits.hpp>
#include <csignal>
#include <filesystem>

#include "base/program_path.h"
#include "kernel/pipe.h"
#include "kernel/process.h"
#include "workload/poll_deadline.h"

namespace squall {
namespace {

namespace process_v2 = boost::process::v2;

constexpr std::size_t kChunk = std::size_t{64} << 10U;

// What happens between fork and exec, in the child.
class ChildSetup {
 public:
  ChildSetup(int input, int output) : input_(input), output_(output) {}

  template <typename Launcher>
  boost::system::error_code on_exec_setup(Launcher&, const std::filesystem::path&,
                                          const char* const*&) {
    (void)::signal(SIGPIPE, SIG_DFL);
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::dup2(input_, STDIN_FILENO) >= 0 &&
        ::dup2(output_, STDOUT_FILENO) >= 0) {
      return {};
    }
    return {errno, boost::system::system_category()};
  }
  // Boost would call exit(), and with it destructors that belong to the parent.
  template <typename Launcher>
  void on_exec_error(Launcher&, const std::filesystem::path&, const char* const*&,
                     const boost::system::error_code&) {
    ::_exit(127);
  }

 private:
  int input_;
  int output_;
};

Result<> set_nonblocking(const Fd& fd) {
  if (::fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0) return errno_error("make a pipe non-blocking");
  return {};
}

bool is_program(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

Result<std::filesystem::path> program_file(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (is_program(name)) return std::filesystem::path(name);
    return Error{Errc::kNotFound, "'" + name + "' is not a program"};
  }
  const std::string path = find_program(name, path_folders());
  if (!path.empty()) return std::filesystem::path(path);
  return Error{Errc::kNotFound, "there is no program '" + name + "' in PATH"};
}

}  // namespace

Result<LineProgram> LineProgram::start(const std::vector<std::string>& command) {
  if (command.empty()) return Error{Errc::kInvalid, "the command is empty"};
  const std::filesystem::path program = TRY(program_file(command.front()));
  Pipe input = TRY(make_pipe());
  Pipe output = TRY(make_pipe());
  (void)TRY(set_nonblocking(input.writing));
  (void)TRY(set_nonblocking(output.reading));
  const std::vector<std::string> arguments(command.begin() + 1, command.end());

  boost::asio::io_context context;  // never run: exits are seen through our own pidfd
  process_v2::posix::default_launcher launcher;
  boost::system::error_code error;
  auto child = launcher(context.get_executor(), error, program, arguments,
                        ChildSetup(input.reading.get(), output.writing.get()));
  if (error) return Error{Errc::kIo, "start '" + program.string() + "': " + error.message()};
  const pid_t pid = child.id();
  (void)child.detach();  // otherwise its destructor would kill the process
  Fd process = TRY(open_pidfd(pid));
  return LineProgram(std::move(process), std::move(input.writing), std::move(output.reading));
}

LineProgram::~LineProgram() {
  if (!process_.is_open()) return;
  input_.reset();
  if (!wait_for_exit(process_, kGrace).value_or(false)) kill();
  (void)wait_for_exit(process_, kGrace);  // after SIGKILL; a process in the kernel's hands stays
  (void)reap(process_);                   // nothing more to do for one that does not end
}

void LineProgram::kill() {
  (void)send_signal(process_, SIGKILL);
}  // gone already is fine

bool LineProgram::is_quiet() const {
  return received_.empty() && squall::is_quiet(output_);
}

Result<> LineProgram::send(std::string_view line, MonoTime deadline) {
  is_sent_ = false;
  std::string text(line);
  text += '\n';
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t count = ::write(input_.get(), rest.data(), rest.size());
    if (count >= 0) {
      is_sent_ = true;
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      (void)TRY(poll_until(input_, POLLOUT, deadline, "send"));
    } else if (errno != EINTR) {
      return errno_error("send");
    }
  }
  return {};
}

Result<std::string> LineProgram::receive(MonoTime deadline) {
  std::size_t searched = 0;
  while (true) {
    const std::size_t end = received_.find('\n', searched);
    if (end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    searched = received_.size();
    if (searched > kMaxLine) return Error{Errc::kIo, "a line of more than 64 MiB"};
    (void)TRY(poll_until(output_, POLLIN, deadline, "receive"));
    received_.resize(searched + kChunk);
    const ssize_t count = ::read(output_.get(), received_.data() + searched, kChunk);
    const Error error = errno_error("receive");
    received_.resize(searched + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0) return Error{Errc::kIo, "the program ended"};
    if (count < 0) return error;
  }
}

}  // namespace squall
