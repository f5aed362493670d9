// Starts QEMU with everything it needs as descriptors, and talks to it.
#include "arena/sealed/machine.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>

#include "arena/sealed/processor_choice.h"
#include "base/files.h"
#include "kernel/one_processor.h"
#include "kernel/pipe.h"
#include "kernel/process.h"
#include "kernel/processor_time.h"
#include "kernel/wait.h"

namespace squall {
namespace {

// Descriptors of the child, the same in every run.
constexpr int kMemoryFd = 3;
constexpr int kQmpFd = 4;
constexpr int kConsoleFd = 5;
constexpr int kComplaintsFd = 6;
constexpr int kStateFd = 7;    // of the devices, to resume from; QEMU closes it when it has
constexpr int kSavedFd = 8;    // of the devices, when it is saved
constexpr int kWrittenFd = 9;  // a pipe: a byte comes when that is in its file
constexpr Duration kSavedPatience = std::chrono::seconds(60);  // a pipe's content, on a busy host

constexpr Duration kTick = std::chrono::milliseconds(50);
constexpr std::size_t kMaxConsole = std::size_t{1} << 20U;

std::string fd_path(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

std::string kernel_command_line(const MachineConfig& config) {
  std::string line =
      "console=ttyS0 panic=-1 quiet mitigations=off tsc=reliable init_on_alloc=0 apparmor=0 "
      "audit=0 nowatchdog memmap=" +
      std::to_string(kMailboxSize >> 20U) + "M$" + std::to_string(kMailboxAddress >> 20U) +
      "M rdinit=" + config.command.front() + " --";
  for (std::size_t i = 1; i < config.command.size(); ++i) line += " " + config.command[i];
  return line;
}

std::vector<std::string> arguments(const MachineConfig& config, bool is_incoming) {
  const std::string memory = std::to_string(config.memory_mib) + "M";
  std::vector<std::string> all = config.qemu;
  const std::vector<std::string> options = {
      "-accel", "tcg,thread=single", "-icount",
      "shift=" + std::to_string(config.shift) + ",sleep=off,align=off", "-rtc",
      "base=2026-01-01,clock=vm", "-cpu", config.cpu, "-m", memory, "-object",
      "memory-backend-file,id=ram,share=on,size=" + memory + ",mem-path=" + fd_path(kMemoryFd),
      "-machine", "pc,memory-backend=ram", "-nodefaults", "-no-user-config", "-display", "none",
      "-no-reboot",
      // Names its threads: qemu_turns knows the processor thread by its name.
      "-name", "squall,debug-threads=on",
      // Whatever random number QEMU itself would give the machine is the same one.
      "-seed", "1",
      // The machine stops by itself, between two instructions, when it writes to this port.
      "-device", "pvpanic", "-action", "panic=pause", "-chardev",
      "socket,id=qmp,mux=on,fd=" + std::to_string(kQmpFd), "-mon", "chardev=qmp,mode=control",
      "-serial", "file:" + fd_path(kConsoleFd), "-kernel", config.kernel, "-initrd", config.image,
      "-append", kernel_command_line(config)};
  all.insert(all.end(), options.begin(), options.end());
  if (!config.firmware.empty()) all.insert(all.end(), {"-L", config.firmware});
  // Both stand still until they are told to go on.
  if (is_incoming) {
    all.insert(all.end(), {"-incoming", "defer"});
  } else {
    all.emplace_back("-S");
  }
  return all;
}

Result<Fd> memory_file(const char* name) {
  Fd file(::memfd_create(name, MFD_CLOEXEC));
  if (!file.is_open()) return errno_error("make a memory file");
  return file;
}

// Copies what a sparse file holds; the rest stays a hole.
Result<> copy_sparse(const Fd& from, const Fd& to) {
  off_t at = 0;
  for (;;) {
    const off_t begin = ::lseek(from.get(), at, SEEK_DATA);
    if (begin < 0 && errno == ENXIO) return {};  // no more data
    if (begin < 0) return errno_error("look for data");
    at = ::lseek(from.get(), begin, SEEK_HOLE);
    if (at < 0 || ::lseek(to.get(), begin, SEEK_SET) < 0) return errno_error("look for a hole");
    off_t next = begin;
    while (next < at) {
      const auto left = static_cast<std::size_t>(at - next);
      if (::sendfile(to.get(), from.get(), &next, left) <= 0) return errno_error("copy memory");
    }
  }
}

Result<Fd> open_reading(const std::string& path) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return errno_error("open " + path);
  return file;
}

// qemu_turns knows the processor thread by its name; where it had none, nothing would take turns
// and runs would differ now and then.
Result<> check_turns(pid_t qemu) {
  for (const pid_t thread : TRY(threads_of(qemu))) {
    const Result<std::string> name = read_file("/proc/" + std::to_string(thread) + "/comm");
    if (name && name->ends_with("/TCG\n")) return {};
  }
  return Error{Errc::kUnsupported, "this QEMU does not name its processor thread"};
}

std::string text_of(const Fd& file) {
  std::string text;
  std::array<char, 4096> buffer{};
  off_t at = 0;
  while (text.size() < kMaxConsole) {
    const ssize_t count = ::pread(file.get(), buffer.data(), buffer.size(), at);
    if (count <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    at += count;
  }
  std::erase(text, '\r');
  return text;
}

}  // namespace

struct Machine::Parts {
  pid_t pid = 0;
  Fd memory;
  Fd state;
  Fd saved;
  Pipe written;
  Fd console;
  Fd complaints;
  std::byte* mailbox = nullptr;
  std::optional<Qmp> qmp;
  std::optional<ProcessorChoice> choice;

  Result<> make_files(const MachineConfig& config, const std::optional<SnapshotFiles>& snapshot);
  Result<> start(std::vector<std::string> words, const MachineConfig& config);
};

namespace {

// Where a descriptor of ours is to stand in the child.
struct Move {
  int from;
  int to;
};

// Between fork and exec: moves the descriptors to their numbers, dies with the parent.
[[noreturn]] void become_qemu(const std::vector<Move>& moves, std::vector<std::string>& words,
                              const MachineConfig& config, pid_t parent, int processor) {
  if (!set_parent_death_signal(SIGKILL, parent).ok()) ::_exit(127);
  (void)::setpgid(0, 0);  // Ctrl-C is for us: we end the machine
  // QEMU's threads take turns, thousands of times a second; on one processor a turn costs no
  // interrupt of another.  Some 15 % of the time in all.
  stay_on_processor(processor);
  // First out of the way of each other, then to their places.
  constexpr int kHigh = 200;
  for (const Move& move : moves) {
    if (::dup2(move.from, kHigh + move.to) < 0) ::_exit(127);
  }
  for (const Move& move : moves) {
    if (::dup2(kHigh + move.to, move.to) < 0) ::_exit(127);
    (void)::close(kHigh + move.to);
  }
  (void)::dup2(kComplaintsFd, STDOUT_FILENO);
  (void)::dup2(kComplaintsFd, STDERR_FILENO);
  (void)::close(STDIN_FILENO);
  (void)::open("/dev/null", O_RDONLY);  // NOLINT: inherited on purpose
  // NOLINTBEGIN(concurrency-mt-unsafe): forked
  (void)::setenv("LD_PRELOAD", config.turns.c_str(), 1);
  if (!config.modules.empty()) (void)::setenv("QEMU_MODULE_DIR", config.modules.c_str(), 1);
  // NOLINTEND(concurrency-mt-unsafe)
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  (void)::execvp(argv[0], argv.data());
  const std::string why = errno_error("start " + words[0]).what + "\n";
  (void)!::write(kComplaintsFd, why.data(), why.size());
  ::_exit(127);
}

Result<std::byte*> map_mailbox(const Fd& memory) {
  void* mapped = ::mmap(nullptr, kMailboxSize, PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(),
                        static_cast<off_t>(kMailboxAddress));
  if (mapped == MAP_FAILED) return errno_error("map the mailbox");
  return static_cast<std::byte*>(mapped);
}

}  // namespace

std::string machine_facts(const MachineConfig& config) {
  std::string text;
  MachineConfig bare = config;
  bare.qemu = {"qemu"};
  bare.firmware = bare.kernel = bare.image = "";
  for (const std::string& word : arguments(bare, false)) text += (text.empty() ? "" : " ") + word;
  return text;
}

Machine::Machine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Machine::Machine(Machine&&) noexcept = default;

Machine::~Machine() {
  if (!parts_) return;
  if (parts_->pid > 0) {
    (void)::kill(parts_->pid, SIGKILL);  // our child, not reaped yet
    while (::waitpid(parts_->pid, nullptr, 0) < 0 && errno == EINTR) continue;
  }
  if (parts_->mailbox != nullptr) (void)::munmap(parts_->mailbox, kMailboxSize);
}

Result<Machine> Machine::boot(const MachineConfig& config) {
  return start(config, false, std::nullopt);
}

Result<Machine> Machine::resume(const MachineConfig& config, const SnapshotFiles& snapshot) {
  Machine machine = TRY(start(config, true, snapshot));
  Qmp& qmp = *machine.parts_->qmp;
  TRY(qmp.call("migrate-set-capabilities",
               R"({"capabilities":[{"capability":"x-ignore-shared","state":true},)"
               R"({"capability":"events","state":true}]})"));
  TRY(qmp.call("migrate-incoming", R"({"uri":"fd:)" + std::to_string(kStateFd) + R"("})"));
  for (;;) {
    const Result<std::string> answer = qmp.call("query-status");
    if (!answer.ok()) return answer.error().in(machine.last_line());
    if (answer->find("inmigrate") == std::string::npos) return machine;
    (void)TRY(qmp.take_event("MIGRATION", std::chrono::milliseconds(20)));
  }
}

Result<> Machine::Parts::make_files(const MachineConfig& config,
                                    const std::optional<SnapshotFiles>& snapshot) {
  memory = TRY(memory_file("squall-memory"));
  console = TRY(memory_file("squall-console"));
  complaints = TRY(memory_file("squall-qemu"));
  state = TRY(memory_file("squall-state"));
  saved = TRY(memory_file("squall-saved"));
  written = TRY(make_pipe());
  const auto size = static_cast<off_t>(config.memory_mib) << 20U;
  if (static_cast<std::uint64_t>(size) < kMailboxAddress + kMailboxSize) {
    return Error{Errc::kInvalid, "the machine needs at least 1 GiB of memory"};
  }
  if (::ftruncate(memory.get(), size) != 0) return errno_error("size the memory");
  mailbox = TRY(map_mailbox(memory));
  if (!snapshot) return {};
  const Fd saved_memory = TRY(open_reading(snapshot->memory));
  const Fd saved_state = TRY(open_reading(snapshot->state));
  TRY(copy_sparse(saved_memory, memory).in(snapshot->memory));
  TRY(copy_sparse(saved_state, state).in(snapshot->state));
  if (::lseek(state.get(), 0, SEEK_SET) < 0) return errno_error("rewind the state");
  return {};
}

Result<> Machine::Parts::start(std::vector<std::string> words, const MachineConfig& config) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return errno_error("make a socket pair");
  }
  qmp.emplace(Fd(ends[0]));
  const Fd theirs(ends[1]);
  const std::vector<Move> moves = {
      {memory.get(), kMemoryFd},          {theirs.get(), kQmpFd},  {console.get(), kConsoleFd},
      {complaints.get(), kComplaintsFd},  {state.get(), kStateFd}, {saved.get(), kSavedFd},
      {written.writing.get(), kWrittenFd}};
  const pid_t parent = ::getpid();
  const int processor = ::sched_getcpu();
  pid = ::fork();
  if (pid < 0) return errno_error("fork");
  if (pid == 0) become_qemu(moves, words, config, parent, processor);
  choice.emplace(pid, processor);
  return {};
}

Result<Machine> Machine::start(const MachineConfig& config, bool is_incoming,
                               const std::optional<SnapshotFiles>& snapshot) {
  Machine machine(std::make_unique<Parts>());
  TRY(machine.parts_->make_files(config, snapshot));
  TRY(machine.parts_->start(arguments(config, is_incoming), config));
  const Result<> greeted = machine.parts_->qmp->greet();
  if (!greeted) return greeted.error().in("QEMU: " + machine.console());
  return machine;
}

Mailbox Machine::mailbox() {
  return Mailbox(std::span(parts_->mailbox, kMailboxSize));
}

Result<MachineStop> Machine::run(const std::function<bool()>& tick) {
  TRY(check_turns(parts_->pid));
  TRY(parts_->qmp->call("cont"));
  for (;;) {
    const Result<bool> has_stopped = parts_->qmp->take_event("STOP", kTick);
    if (!has_stopped.ok()) {
      if (has_stopped.error().code == Errc::kAborted) return MachineStop::kEnded;
      return has_stopped.error();
    }
    if (*has_stopped) return MachineStop::kStill;
    parts_->choice->look(system_clock().mono());
    if (!tick()) return Error{Errc::kAborted, "interrupted"};
  }
}

Result<> Machine::save(const Fd& memory, const Fd& state) {
  Qmp& qmp = *parts_->qmp;
  TRY(qmp.call("migrate-set-capabilities",
               R"({"capabilities":[{"capability":"x-ignore-shared","state":true},)"
               R"({"capability":"events","state":true}]})"));
  // Into the file that it was started with: there is no way to hand it another one.
  const Fd& theirs = parts_->saved;
  if (::ftruncate(theirs.get(), 0) != 0 || ::lseek(theirs.get(), 0, SEEK_SET) < 0) {
    return errno_error("empty the state");
  }
  // QEMU is done when the last byte is on its way to `cat`, which may still have to write it.
  TRY(qmp.call("migrate", R"({"uri":"exec:cat >/proc/$PPID/fd/)" + std::to_string(kSavedFd) +
                              " && echo >/proc/$PPID/fd/" + std::to_string(kWrittenFd) + R"("})"));
  for (;;) {
    const std::string answer = TRY(qmp.call("query-migrate"));
    if (answer.find("\"completed\"") != std::string::npos) break;
    if (answer.find("\"failed\"") != std::string::npos) {
      return Error{Errc::kIo, "QEMU cannot save the machine: " + answer};
    }
    (void)TRY(qmp.take_event("MIGRATION", std::chrono::milliseconds(20)));
  }
  if (!TRY(wait_readable(parts_->written.reading, kSavedPatience))) {
    return Error{Errc::kTimeout, "the machine's devices were not written in time"};
  }
  char newline = 0;
  (void)!::read(parts_->written.reading.get(), &newline, 1);
  TRY(copy_sparse(theirs, state).in("save the machine's devices"));
  const auto size = ::lseek(parts_->memory.get(), 0, SEEK_END);
  if (size < 0 || ::ftruncate(memory.get(), size) != 0) return errno_error("size the snapshot");
  return copy_sparse(parts_->memory, memory).in("save the machine's memory");
}

Duration Machine::processor_time() const {
  return processor_time_of(parts_->pid);
}

std::string Machine::console() const {
  return text_of(parts_->console) + text_of(parts_->complaints);
}

std::string Machine::last_line() const {
  const std::string text = console();
  const std::size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "it said nothing";
  const std::size_t begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1, end - begin);
}

}  // namespace squall
