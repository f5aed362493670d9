// Starts processes of the stack with Boost.Process.
// Boost.Process 2 of 1.81 forgets to include the first two.
// clang-format off
#include <boost/optional.hpp>
#include <boost/type_traits.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
// clang-format on

#include <fcntl.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "agent/stack_process.h"
#include "base/files.h"
#include "kernel/capabilities.h"
#include "kernel/clock_skew.h"
#include "kernel/mounts.h"
#include "kernel/namespaces.h"

namespace squall {
namespace {

namespace process_v2 = boost::process::v2;

constexpr mode_t kLogMode = 0644;
constexpr rlim_t kMaxOpenFiles = 65536;
constexpr int kLastSignal = 64;

// What happens between fork and exec, in the child.  The parent may have threads: nothing here
// takes a lock of ours.
class ChildSetup {
 public:
  ChildSetup(const StackProcess& process, int log, int null, bool is_traced)
      : process_(process), log_(log), null_(null), is_traced_(is_traced) {}

  template <typename Launcher>
  boost::system::error_code on_exec_setup(Launcher&, const std::filesystem::path&,
                                          const char* const*&) {
    if (is_set_up()) return {};
    if (errno == 0) errno = EPERM;
    return {errno, boost::system::system_category()};
  }
  // Boost would call exit(), and with it destructors that belong to the parent.
  template <typename Launcher>
  void on_exec_error(Launcher&, const std::filesystem::path&, const char* const*&,
                     const boost::system::error_code&) {
    ::_exit(127);
  }

 private:
  bool is_set_up() {
    reset_signals();
    if (::setsid() < 0) return false;
    if (::dup2(null_, STDIN_FILENO) < 0 || ::dup2(log_, STDOUT_FILENO) < 0 ||
        ::dup2(log_, STDERR_FILENO) < 0) {
      return false;
    }
    set_limits();
    if (!process_.root.empty() && !enter_root()) return false;
    if (::chdir(process_.directory.c_str()) != 0) return false;
    if (!process_.keeps_capabilities && !drop_all_caps().ok()) return false;
    // Stops in the execve that follows, before the program's first instruction.
    return !is_traced_ || ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0;
  }

  static void reset_signals() {
    for (int signal = 1; signal <= kLastSignal; ++signal) (void)::signal(signal, SIG_DFL);
    sigset_t none;
    (void)::sigemptyset(&none);
    (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
  }

  // The agent is protected from the OOM killer; the stack is not.
  static void set_limits() {
    const int fd = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
      (void)!::write(fd, "0", 1);
      (void)::close(fd);
    }
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
      files.rlim_cur = std::min(files.rlim_max, kMaxOpenFiles);
      (void)::setrlimit(RLIMIT_NOFILE, &files);
    }
    const rlimit none{0, RLIM_INFINITY};
    rlimit core{};
    if (::getrlimit(RLIMIT_CORE, &core) == 0) {
      core.rlim_cur = none.rlim_cur;  // a core of a model server would fill the disk
      (void)::setrlimit(RLIMIT_CORE, &core);
    }
  }

  bool enter_root() {
    if (!unshare_namespaces(CLONE_NEWNS).ok() || !make_mounts_private().ok()) return false;
    for (const char* shared : {"/proc", "/dev", "/etc/hosts", "/etc/resolv.conf"}) {
      const std::string target = process_.root + shared;
      if (::access(target.c_str(), F_OK) != 0) continue;
      if (!bind_mount(shared, target).ok()) return false;
    }
    return ::chroot(process_.root.c_str()) == 0 && ::chdir("/") == 0;
  }

  const StackProcess& process_;
  int log_;
  int null_;
  bool is_traced_;
};

bool is_program(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

// As seen from inside `root`.
Result<std::string> find_program(const std::string& root, const std::string& name,
                                 const std::string& search_path) {
  if (name.find('/') != std::string::npos) {
    if (is_program(root + name)) return name;
    return Error{Errc::kNotFound, "'" + root + name + "' is not a program"};
  }
  for (std::size_t begin = 0; begin <= search_path.size();) {
    const std::size_t end = std::min(search_path.find(':', begin), search_path.size());
    const std::string path = search_path.substr(begin, end - begin) + "/" + name;
    if (is_program(root + path)) return path;
    begin = end + 1;
  }
  return Error{Errc::kNotFound,
               "there is no program '" + name +
                   "' among the stacks' servers or in the PATH; run ./dev stacks, install it, or "
                   "name its path in the topology"};
}

std::vector<std::string> environment_of(const StackProcess& process, const std::string& search_path,
                                        const std::string& mark) {
  std::map<std::string, std::string> all = {
      {"PATH", search_path}, {"HOME", process.directory}, {"LANG", "C.UTF-8"}, {"TZ", "UTC"}};
  for (const auto& [name, value] : process.env) all[name] = value;
  all["SQUALL_PROCESS"] = mark;
  std::vector<std::string> lines;
  for (const auto& [name, value] : all) lines.push_back(name + "=" + value);
  return lines;
}

Result<Fd> open_log(const std::string& path) {
  if (path.empty()) return Error{Errc::kInvalid, "it needs a log file"};
  std::error_code ignored;  // the open below says what is wrong
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kLogMode));
  if (!fd.is_open()) return errno_error("open " + path);
  return fd;
}

}  // namespace

Result<> prepare_files(const StackProcess& process) {
  std::error_code error;
  std::filesystem::create_directories(process.root + process.directory, error);
  if (error) return Error{Errc::kIo, "make " + process.directory + ": " + error.message()};
  for (const auto& [name, content] : process.files) {
    const std::filesystem::path path =
        process.root + (std::filesystem::path(process.directory) / name).string();
    std::filesystem::create_directories(path.parent_path(), error);
    TRY(write_file(path.string(), content));
  }
  return {};
}

Result<ProcessId> start_process(const StackProcess& process, const std::string& search_path,
                                const std::string& mark, const std::optional<LaunchSkew>& skew) {
  if (process.command.empty()) return Error{Errc::kInvalid, "its command is empty"};
  const std::string program = TRY(find_program(process.root, process.command.front(), search_path));
  const Fd log = TRY(open_log(process.log_path));
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null.is_open()) return errno_error("open /dev/null");
  const std::vector<std::string> environment = environment_of(process, search_path, mark);
  std::vector<const char*> pointers;
  for (const std::string& line : environment) pointers.push_back(line.c_str());
  pointers.push_back(nullptr);
  const std::vector<std::string> arguments(process.command.begin() + 1, process.command.end());

  boost::asio::io_context context;  // never run: exits are seen through our own pidfds
  process_v2::posix::default_launcher launcher;
  launcher.env = pointers.data();
  boost::system::error_code error;
  auto child = launcher(context.get_executor(), error, std::filesystem::path(program), arguments,
                        ChildSetup(process, log.get(), null.get(), skew.has_value()));
  if (error) {
    return Error{Errc::kIo,
                 "start '" + program + "' in '" + process.directory + "': " + error.message()};
  }
  const pid_t pid = child.id();
  (void)child.detach();  // otherwise its destructor would kill the process
  const ProcessId id = TRY(identify(pid));
  if (!skew) return id;
  const Result<> skewed = skew_clock_at_exec(pid, skew->offset, skew->until);
  if (!skewed.ok() && skewed.error().code == Errc::kTimeout) {
    // It would stop for ever at its next signal, for us who do not listen.
    (void)::kill(pid, SIGKILL);
    return skewed.error().in("start '" + program + "'");
  }
  return id;
}

Result<ProcessId> find_marked(const std::string& mark) {
  const std::string wanted = "SQUALL_PROCESS=" + mark;
  for (const pid_t pid : TRY(all_processes())) {
    const Result<std::string> text = read_file("/proc/" + std::to_string(pid) + "/environ");
    if (!text.ok()) continue;  // gone, or somebody else's
    const std::string_view environment = *text;
    for (std::size_t begin = 0; begin < environment.size();) {
      const std::size_t end = std::min(environment.find('\0', begin), environment.size());
      // Its children have inherited the mark; the process itself leads their session.
      if (environment.substr(begin, end - begin) == wanted && process_stat(pid).ok() &&
          process_stat(pid)->session == pid) {
        return identify(pid);
      }
      begin = end + 1;
    }
  }
  return Error{Errc::kNotFound, "no process carries the mark '" + mark + "'"};
}

}  // namespace squall
