// The first process of the test guest: mounts, loads modules, runs test programs one after the
// other, tells what they said on the second serial port, and turns the machine off.
//
//   /plan      "NAME SECONDS PROGRAM ARGUMENT…", one a line
//   /modules   paths of kernel modules, each after those that it needs
//   ttyS1      "@begin NAME", the program's output, "@end NAME exited 0"; "@over" at the end
#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr int kMillisecond = 1000;

int report = 1;

void say(const std::string& line) {
  const std::string text = line + "\n";
  (void)!::write(report, text.data(), text.size());
}

// Without the rest of the machine nothing that follows means anything; the host tells it from a
// missing "@over".
void need(bool is_done, const std::string& what) {
  if (is_done) return;
  say("@failed " + what + ": " + std::strerror(errno));
  (void)::reboot(RB_POWER_OFF);
}

void mount_at(const char* kind, const char* path) {
  (void)::mkdir(path, 0755);
  need(::mount(kind, path, kind, 0, nullptr) == 0, std::string("mount ") + path);
}

void mount_all() {
  mount_at("proc", "/proc");
  mount_at("sysfs", "/sys");
  mount_at("cgroup2", "/sys/fs/cgroup");  // and no hierarchy of version 1
  mount_at("tmpfs", "/tmp");
  mount_at("tmpfs", "/run");
  (void)::mkdir("/dev", 0755);
  // The kernel may have mounted it already.
  need(::mount("devtmpfs", "/dev", "devtmpfs", 0, nullptr) == 0 || errno == EBUSY, "mount /dev");
}

void open_report() {
  report = ::open("/dev/ttyS1", O_WRONLY | O_NOCTTY | O_CLOEXEC);
  need(report >= 0, "open /dev/ttyS1");
  termios raw{};
  if (::tcgetattr(report, &raw) != 0) return;
  ::cfmakeraw(&raw);
  (void)::tcsetattr(report, TCSANOW, &raw);
}

std::vector<std::string> lines_of(const char* path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

void load_modules() {
  for (const std::string& path : lines_of("/modules")) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    need(fd >= 0, "open " + path);
    const bool is_loaded = ::syscall(SYS_finit_module, fd, "", 0) == 0 || errno == EEXIST;
    need(is_loaded, "load " + path);
    (void)::close(fd);
  }
}

struct Step {
  std::string name;
  int seconds = 0;
  std::vector<std::string> command;
};

Step parse_step(const std::string& line) {
  std::istringstream words(line);
  Step step;
  words >> step.name >> step.seconds;
  step.command.assign(std::istream_iterator<std::string>(words), {});
  return step;
}

[[noreturn]] void become(const Step& step) {
  (void)::setsid();
  (void)::dup2(report, 1);
  (void)::dup2(report, 2);
  std::vector<char*> arguments;
  for (const std::string& word : step.command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  (void)::execv(arguments[0], arguments.data());
  std::perror(arguments[0]);
  ::_exit(127);
}

std::string end_text(int status) {
  if (WIFEXITED(status)) return "exited " + std::to_string(WEXITSTATUS(status));
  return "killed by signal " + std::to_string(WTERMSIG(status));
}

// In the guest's time.  Whoever is orphaned comes to us, and is reaped on the way.
std::string wait_for(pid_t pid, int seconds) {
  for (int waited = 0; waited < seconds * kMillisecond; ++waited) {
    int status = 0;
    for (pid_t ended = 1; ended > 0;) {
      ended = ::waitpid(-1, &status, WNOHANG);
      if (ended == pid) return end_text(status);
    }
    (void)::poll(nullptr, 0, 1);
  }
  return "still running after " + std::to_string(seconds) + " s";
}

void run(const Step& step) {
  say("@begin " + step.name);
  const pid_t pid = ::fork();
  if (pid == 0) become(step);
  const std::string end = wait_for(pid, step.seconds);
  say("@end " + step.name + " " + end);
  // Whatever it left: everybody but us.
  (void)::kill(-1, SIGKILL);
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
}

}  // namespace

int main() {
  mount_all();
  open_report();
  load_modules();
  (void)::setenv("PATH", "/usr/bin:/bin", 1);
  (void)::setenv("SQUALL_GUEST", "1", 1);
  for (const std::string& line : lines_of("/plan")) run(parse_step(line));
  say("@over");
  (void)::tcdrain(report);
  (void)::reboot(RB_POWER_OFF);
  return 1;
}
