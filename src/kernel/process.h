// Processes by pidfd and identity, never by bare pid: pids are reused, and a SIGCONT or SIGKILL to
// a reused one hits a stranger.
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace squall {

// Names one process of this boot for ever; together with boot_id() it may be written to a journal.
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  // clock ticks since boot: field 22 of /proc/PID/stat
  friend auto operator<=>(const ProcessId&, const ProcessId&) = default;
};

// This boot of this machine.
[[nodiscard]] Result<std::string> boot_id();
// Who has this pid now.  kNotFound when nobody has.
[[nodiscard]] Result<ProcessId> identify(pid_t pid);

// What /proc/PID/stat says.
struct ProcessStat {
  ProcessId id;
  std::string name;  // at most 15 bytes, and may hold spaces and parentheses
  char state = '?';  // 'R' running, 'S' sleeping, 'D' disk, 'T' stopped, 'Z' zombie, …
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  friend bool operator==(const ProcessStat&, const ProcessStat&) = default;
};
[[nodiscard]] Result<ProcessStat> process_stat(pid_t pid);
[[nodiscard]] Result<ProcessStat> parse_process_stat(std::string_view text);
[[nodiscard]] Result<char> process_state(pid_t pid);
// The arguments; empty for kernel threads and zombies.
[[nodiscard]] Result<std::vector<std::string>> command_line(pid_t pid);

// Every process in /proc.
[[nodiscard]] Result<std::vector<pid_t>> all_processes();
[[nodiscard]] Result<std::vector<pid_t>> children(pid_t pid);
// Every thread that has not ended, and a main thread that has ended before the others.
[[nodiscard]] Result<std::vector<pid_t>> threads_of(pid_t pid);
// Children, their children, and so on; parents before children.  A snapshot: forks go on.
[[nodiscard]] Result<std::vector<pid_t>> descendants(pid_t pid);

// kNotFound when the process is gone.
[[nodiscard]] Result<Fd> open_pidfd(pid_t pid);
// kNotFound also when the pid now belongs to somebody else.
[[nodiscard]] Result<Fd> open_pidfd(const ProcessId& id);
// kNotFound when the process is gone.
[[nodiscard]] Result<> send_signal(const Fd& pidfd, int signal);
// Whether the process had exited when `timeout` passed; it may still be a zombie then.
[[nodiscard]] Result<bool> wait_for_exit(const Fd& pidfd, Duration timeout);

struct ExitStatus {
  bool is_signalled = false;
  int code = 0;  // the signal, or the exit code
  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};
// Reaps a child that has exited; nothing when it still runs.  Only for our own children.
[[nodiscard]] Result<std::optional<ExitStatus>> reap(const Fd& pidfd);

// The kernel sends `signal` to this process when the *thread* that forked it exits; an exec of a
// setuid program clears it.  Returns kAborted when the parent is not `parent` any more, since then
// the signal would never come.  (A parent in another PID namespace is 0.)
[[nodiscard]] Result<> set_parent_death_signal(int signal, pid_t parent);

}  // namespace squall
