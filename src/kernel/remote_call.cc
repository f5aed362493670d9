// ptrace(2), x86-64.
#include "kernel/remote_call.h"

#include <poll.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>

#include "kernel/process.h"
#include "kernel/pseudo_file.h"

namespace squall {
namespace {

// So many threads that are easy to interrupt will do.
constexpr std::size_t kEnough = 4;
constexpr Duration kCallPatience = std::chrono::seconds(1);
constexpr int kSyscallStop = SIGTRAP | 0x80;  // PTRACE_O_TRACESYSGOOD
// Answers of an interrupted call that only the kernel sees: include/linux/errno.h.
constexpr std::int64_t kRestartSys = -512;
constexpr std::int64_t kRestartNoIntr = -513;
constexpr std::int64_t kRestartNoHand = -514;
constexpr std::int64_t kRestartBlock = -516;
constexpr std::uint64_t kRestartSyscall = 219;  // restart_syscall(2)
constexpr std::uint64_t kSyscallLength = 2;
constexpr std::uint64_t kNoCall = ~std::uint64_t{0};

Result<> trace(int request, pid_t thread, std::uint64_t address, std::uint64_t data) {
  if (::ptrace(static_cast<__ptrace_request>(request), thread, address, data) != -1) return {};
  if (errno == EPERM) {
    return Error{Errc::kUnsupported,
                 "trace thread " + std::to_string(thread) +
                     ": Operation not permitted; somebody else traces it (a debugger?), or we may "
                     "not: CAP_SYS_PTRACE in its user namespace is needed"};
  }
  return kernel_error("trace thread " + std::to_string(thread));
}

// It will never stop.
bool has_ended(pid_t thread) {
  const Result<char> state = process_state(thread);
  if (!state.ok()) return state.error().code == Errc::kNotFound;
  return *state == 'Z' || *state == 'X';
}

// Waits for a stop without taking the exit status, which is its parent's to take.
Result<int> wait_for_stop(pid_t thread, Duration patience) {
  const MonoTime until = system_clock().mono() + patience;
  do {
    siginfo_t info{};
    const int flags = WSTOPPED | WNOHANG | __WALL;
    const bool is_asked = ::waitid(P_PID, static_cast<id_t>(thread), &info, flags) == 0;
    if (info.si_pid == thread) return info.si_status;
    if ((!is_asked && errno != EINTR) || has_ended(thread)) {
      return Error{Errc::kNotFound, "thread " + std::to_string(thread) + " is gone"};
    }
    const timespec moment{.tv_sec = 0, .tv_nsec = 20'000};
    (void)::ppoll(nullptr, 0, &moment, nullptr);
  } while (system_clock().mono() < until);
  return Error{Errc::kTimeout, "thread " + std::to_string(thread) + " does not stop within " +
                                   to_text(patience) + "; is it frozen?"};
}

Result<user_regs_struct> registers_of(pid_t thread) {
  user_regs_struct registers{};
  TRY(trace(PTRACE_GETREGS, thread, 0, reinterpret_cast<std::uint64_t>(&registers)));
  return registers;
}

Result<> set_registers(pid_t thread, const user_regs_struct& registers) {
  return trace(PTRACE_SETREGS, thread, 0, reinterpret_cast<std::uint64_t>(&registers));
}

// What the kernel would make of an interrupted call on its way back to the program.
user_regs_struct restarted(user_regs_struct registers) {
  const auto answer = static_cast<std::int64_t>(registers.rax);
  if (registers.orig_rax == kNoCall) return registers;
  if (answer == kRestartSys || answer == kRestartNoIntr || answer == kRestartNoHand) {
    registers.rax = registers.orig_rax;
    registers.rip -= kSyscallLength;
  } else if (answer == kRestartBlock) {
    registers.rax = kRestartSyscall;
    registers.rip -= kSyscallLength;
  }
  return registers;
}

// Makes the call with the arguments that are already in the registers, and loads those that the
// call or its arguments have changed.  The flags survive a call, and nothing here touches them.
std::vector<std::uint8_t> make_stub(const user_regs_struct& after) {
  std::vector<std::uint8_t> stub = {0x0f, 0x05};  // syscall
  const auto append = [&stub](std::initializer_list<std::uint8_t> code, std::uint64_t value) {
    stub.insert(stub.end(), code);
    const auto* raw = reinterpret_cast<const std::uint8_t*>(&value);
    stub.insert(stub.end(), raw, raw + sizeof value);
  };
  append({0x48, 0xb8}, after.rax);  // movabs $…,%rax
  append({0x48, 0xb9}, after.rcx);
  append({0x48, 0xba}, after.rdx);
  append({0x48, 0xbe}, after.rsi);
  append({0x48, 0xbf}, after.rdi);
  append({0x49, 0xb8}, after.r8);
  append({0x49, 0xb9}, after.r9);
  append({0x49, 0xba}, after.r10);
  append({0x49, 0xbb}, after.r11);
  append({0xff, 0x25, 0, 0, 0, 0}, after.rip);  // jmp *(%rip): to the word behind it
  return stub;
}

// Whether it stands in a restartable sequence (rseq(2)), which must not be left and come back to.
bool is_in_sequence(pid_t thread) {
  struct {
    std::uint64_t area = 0;
    std::uint32_t size = 0;
    std::uint32_t signature = 0;
    std::uint32_t flags = 0;
    std::uint32_t padding = 0;
  } found;
  constexpr int kGetRseq = 0x420f;  // PTRACE_GET_RSEQ_CONFIGURATION
  if (!trace(kGetRseq, thread, sizeof found, reinterpret_cast<std::uint64_t>(&found)).ok() ||
      found.area == 0) {
    return false;
  }
  constexpr std::uint64_t kCurrent = 8;  // struct rseq: rseq_cs
  errno = 0;
  const auto current = ::ptrace(PTRACE_PEEKDATA, thread, found.area + kCurrent, nullptr);
  return errno == 0 && current != 0;
}

int disturbance(const std::string& folder) {
  const Result<std::string> text = read_pseudo_file(folder + "/syscall");
  if (!text.ok() || text->empty() || (*text)[0] < '0' || (*text)[0] > '9') return 2;
  int number = 0;
  (void)std::from_chars(text->data(), text->data() + text->size(), number);
  constexpr std::array kAnswerEintr = {232, 281, 441};  // epoll_wait, epoll_pwait, epoll_pwait2
  return std::find(kAnswerEintr.begin(), kAnswerEintr.end(), number) != kAnswerEintr.end() ? 1 : 0;
}

}  // namespace

StoppedThread::StoppedThread(StoppedThread&& other) noexcept
    : thread_(std::exchange(other.thread_, 0)),
      is_seized_(other.is_seized_),
      signal_(other.signal_) {}

StoppedThread::~StoppedThread() {
  // It fails only when the thread is gone.
  if (thread_ != 0) (void)trace(PTRACE_DETACH, thread_, 0, static_cast<std::uint64_t>(signal_));
}

Result<StoppedThread> StoppedThread::seize(pid_t thread, Duration patience) {
  StoppedThread stopped = TRY(ask(thread));
  TRY(stopped.wait(patience));
  return stopped;
}

Result<StoppedThread> StoppedThread::ask(pid_t thread) {
  TRY(trace(PTRACE_SEIZE, thread, 0, PTRACE_O_TRACESYSGOOD));
  StoppedThread asked(thread, true);
  TRY(trace(PTRACE_INTERRUPT, thread, 0, 0));
  return asked;
}

Result<> StoppedThread::wait(Duration patience) {
  const int signal = TRY(wait_for_stop(thread_, patience));
  // A signal came first: it is delivered when the thread is let go.
  if ((signal >> 8) == 0 && signal != SIGTRAP) signal_ = signal;
  return {};
}

Result<StoppedThread> StoppedThread::at_exec(pid_t child, Duration patience) {
  const int signal = TRY(wait_for_stop(child, patience));
  StoppedThread stopped(child, false);
  if (signal != SIGTRAP) {
    stopped.signal_ = signal;
    return Error{Errc::kIo, "it did not stop in its execve"};
  }
  TRY(trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD));
  return stopped;
}

Result<> StoppedThread::poke(std::uint64_t address, std::uint64_t word) const {
  return trace(PTRACE_POKEDATA, thread_, address, word);
}

Result<int> StoppedThread::resume_until_stop(int request) const {
  TRY(trace(request, thread_, 0, 0));
  return wait_for_stop(thread_, kCallPatience);
}

Result<std::uint64_t> StoppedThread::call(const SystemCall& call, std::uint64_t stub,
                                          const WriteStub& write_stub) {
  if (signal_ != 0) return Error{Errc::kAborted, "a signal came in between"};
  if (is_in_sequence(thread_)) return Error{Errc::kAborted, "it is in a restartable sequence"};
  const user_regs_struct before = TRY(registers_of(thread_));
  TRY(write_stub(make_stub(restarted(before))));
  user_regs_struct inside = before;
  inside.rip = stub;
  inside.rax = call.number;
  inside.orig_rax = kNoCall;  // or the kernel would restart what we interrupted, from here
  inside.rdi = call.arguments[0];
  inside.rsi = call.arguments[1];
  inside.rdx = call.arguments[2];
  inside.r10 = call.arguments[3];
  inside.r8 = call.arguments[4];
  inside.r9 = call.arguments[5];
  TRY(set_registers(thread_, inside));
  // From here on it would also find its way back without us.
  for (const char* where : {"before", "behind"}) {
    const int signal = TRY(resume_until_stop(PTRACE_SYSCALL).in(where));
    if (signal == kSyscallStop) continue;
    TRY(set_registers(thread_, before));
    signal_ = signal;
    return Error{Errc::kAborted, "signal " + std::to_string(signal) + " came in between"};
  }
  const user_regs_struct after = TRY(registers_of(thread_));
  // Stopped once more where the kernel decides about restarting, so that it decides itself.
  if (is_seized_) TRY(trace(PTRACE_INTERRUPT, thread_, 0, 0));
  user_regs_struct back = before;
  if (!is_seized_) back.orig_rax = kNoCall;  // an execve that succeeded: nothing to restart
  TRY(set_registers(thread_, back));
  if (is_seized_) {
    const int signal = TRY(resume_until_stop(PTRACE_CONT));
    if ((signal >> 8) == 0 && signal != SIGTRAP) signal_ = signal;
  }
  return after.rax;
}

Result<std::vector<pid_t>> threads_by_disturbance(pid_t process) {
  const std::string folder = "/proc/" + std::to_string(process) + "/task";
  std::error_code error;
  std::vector<std::pair<int, pid_t>> ranked;
  std::size_t good = 0;
  for (std::filesystem::directory_iterator at(folder, error), end;
       !error && at != end && good < kEnough; at.increment(error)) {
    const std::string name = at->path().filename().string();
    pid_t thread = 0;
    (void)std::from_chars(name.data(), name.data() + name.size(), thread);
    ranked.emplace_back(disturbance(at->path().string()), thread);
    if (ranked.back().first == 0) ++good;
  }
  if (error) return kernel_error("list " + folder, error.value());
  std::sort(ranked.begin(), ranked.end());
  std::vector<pid_t> threads;
  threads.reserve(ranked.size());
  for (const auto& [rank, thread] : ranked) threads.push_back(thread);
  return threads;
}

}  // namespace squall
