// Processes over pidfd_open(2), waitid(2) and /proc.
#include "kernel/process.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "kernel/pseudo_file.h"
#include "kernel/wait.h"

namespace squall {
namespace {

// P_PIDFD, which glibc's headers name only since 2.36.
constexpr auto kPPidfd = static_cast<idtype_t>(3);

std::string proc(pid_t pid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

template <typename Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) result.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

// The file is missing without CONFIG_PROC_CHILDREN, so a scan of everybody's parent stands in.
Result<std::vector<pid_t>> children_by_scan(pid_t pid) {
  std::vector<pid_t> result;
  for (const pid_t other : TRY(all_processes())) {
    const Result<ProcessStat> stat = process_stat(other);
    if (stat.ok() && stat->parent == pid) result.push_back(other);  // an exited one has no parent
  }
  return result;
}

Result<std::vector<pid_t>> numbers_in(const std::string& directory) {
  std::error_code error;
  std::vector<pid_t> result;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    pid_t number = 0;
    if (parse_number(at->path().filename().native(), number)) result.push_back(number);
  }
  if (error) return kernel_error("list " + directory, error.value());
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

Result<std::string> boot_id() {
  const std::string text = TRY(read_pseudo_file("/proc/sys/kernel/random/boot_id"));
  return std::string(without_newline(text));
}

Result<ProcessId> identify(pid_t pid) {
  const ProcessStat stat = TRY(process_stat(pid));
  return stat.id;
}

Result<ProcessStat> parse_process_stat(std::string_view text) {
  const Error malformed{
      Errc::kIo, "'" + std::string(without_newline(text)) + "' is not a line of /proc/PID/stat"};
  // "42 (a) b) R 1 …": the name may hold parentheses and spaces, so it ends at the *last* one.
  const std::size_t open = text.find(" (");
  const std::size_t close = text.rfind(") ");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return malformed;
  }
  ProcessStat stat;
  stat.name = text.substr(open + 2, close - open - 2);
  // fields[0] is field 3 of proc(5), the state.
  const std::vector<std::string_view> fields = words(without_newline(text.substr(close + 2)));
  constexpr std::size_t kStartTime = 22 - 3;
  if (fields.size() <= kStartTime || fields[0].size() != 1) return malformed;
  stat.state = fields[0][0];
  if (!parse_number(text.substr(0, open), stat.id.pid) || !parse_number(fields[1], stat.parent) ||
      !parse_number(fields[2], stat.group) || !parse_number(fields[3], stat.session) ||
      !parse_number(fields[kStartTime], stat.id.start_time)) {
    return malformed;
  }
  return stat;
}

Result<ProcessStat> process_stat(pid_t pid) {
  const std::string text = TRY(read_pseudo_file(proc(pid, "stat")));
  return parse_process_stat(text);
}

Result<char> process_state(pid_t pid) {
  const ProcessStat stat = TRY(process_stat(pid));
  return stat.state;
}

Result<std::vector<std::string>> command_line(pid_t pid) {
  const std::string text = TRY(read_pseudo_file(proc(pid, "cmdline")));
  std::vector<std::string> arguments;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\0', begin), text.size());
    arguments.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return arguments;
}

Result<std::vector<pid_t>> all_processes() {
  return numbers_in("/proc");
}

Result<std::vector<pid_t>> threads_of(pid_t pid) {
  return numbers_in(proc(pid, "task"));
}

Result<std::vector<pid_t>> children(pid_t pid) {
  const std::vector<pid_t> threads = TRY(numbers_in(proc(pid, "task")));
  std::vector<pid_t> result;
  for (const pid_t thread : threads) {
    const auto text = read_pseudo_file(proc(pid, "task/") + std::to_string(thread) + "/children");
    if (!text.ok() && thread == pid) return children_by_scan(pid);
    if (!text.ok()) continue;  // this thread has just exited
    for (const std::string_view word : words(*text)) {
      pid_t child = 0;
      if (parse_number(word, child)) result.push_back(child);
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

Result<std::vector<pid_t>> descendants(pid_t pid) {
  std::vector<pid_t> result = TRY(children(pid));
  for (std::size_t next = 0; next < result.size(); ++next) {
    const Result<std::vector<pid_t>> more = children(result[next]);
    if (more.ok()) result.insert(result.end(), more->begin(), more->end());
  }
  return result;
}

Result<Fd> open_pidfd(pid_t pid) {
  const auto fd = ::syscall(SYS_pidfd_open, pid, 0U);  // close-on-exec by definition
  if (fd < 0) return kernel_error("open a pidfd of process " + std::to_string(pid));
  return Fd(static_cast<int>(fd));
}

Result<Fd> open_pidfd(const ProcessId& id) {
  Fd pidfd = TRY(open_pidfd(id.pid));
  // The order matters: once the pidfd is open the pid cannot come to mean somebody else.
  const ProcessId now = TRY(identify(id.pid));
  if (now != id) {
    return Error{Errc::kNotFound, "process " + std::to_string(id.pid) +
                                      " has exited and its pid belongs to another process now"};
  }
  return pidfd;
}

Result<> send_signal(const Fd& pidfd, int signal) {
  if (::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0U) == 0) return {};
  return kernel_error("send signal " + std::to_string(signal));
}

Result<bool> wait_for_exit(const Fd& pidfd, Duration timeout) {
  return wait_readable(pidfd, timeout).in("wait for a process");
}

Result<std::optional<ExitStatus>> reap(const Fd& pidfd) {
  siginfo_t info = {};
  if (::waitid(kPPidfd, static_cast<id_t>(pidfd.get()), &info, WEXITED | WNOHANG) != 0) {
    return errno_error("reap a process");
  }
  if (info.si_pid == 0) return std::optional<ExitStatus>();
  return std::optional(
      ExitStatus{.is_signalled = info.si_code != CLD_EXITED, .code = info.si_status});
}

Result<> set_parent_death_signal(int signal, pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, signal) != 0) return errno_error("set the parent-death signal");
  if (::getppid() == parent) return {};
  return Error{Errc::kAborted, "process " + std::to_string(parent) + " is not our parent any more"};
}

}  // namespace squall
