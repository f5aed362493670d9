// Runs as root on a kernel of its own, so mounts and modules concern nobody else.
#include "arena/sealed/guest.h"

#include <fcntl.h>
#include <net/if.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <vector>

#include "base/fd.h"
#include "base/files.h"

namespace squall {
namespace {

// Of `-device pvpanic` (docs/specs/pvpanic.txt of QEMU); bit 0 is "panicked", which our QEMU
// answers by standing still.
constexpr unsigned short kPort = 0x505;
constexpr unsigned char kStandStill = 1;

struct Mount {
  const char* type;
  const char* where;
  const char* options;
};

Result<> mount_one(const Mount& what) {
  (void)::mkdir(what.where, 0755);  // most are in the image
  if (::mount(what.type, what.where, what.type, 0, what.options) != 0) {
    return errno_error(std::string("mount ") + what.where);
  }
  return {};
}

Result<> mount_all() {
  for (const Mount& what :
       {Mount{"proc", "/proc", ""}, Mount{"sysfs", "/sys", ""}, Mount{"devtmpfs", "/dev", ""},
        Mount{"tmpfs", "/tmp", "mode=1777"}, Mount{"tmpfs", "/run", ""}, Mount{"tmpfs", "/out", ""},
        Mount{"cgroup2", "/sys/fs/cgroup", ""}}) {
    TRY(mount_one(what));
  }
  TRY(mount_one({"tmpfs", "/dev/shm", "mode=1777"}));
  return mount_one({"devpts", "/dev/pts", ""});
}

Result<> load_module(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return errno_error("open " + path);
  if (::syscall(SYS_finit_module, file.get(), "", 0) != 0 && errno != EEXIST) {
    return errno_error("load " + path);
  }
  return {};
}

Result<> load_modules() {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/modules", error)) {
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) TRY(load_module(file));
  return {};
}

Result<> bring_loopback_up() {
  const Fd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
  request.ifr_flags = IFF_UP;
  if (::ioctl(any.get(), SIOCSIFFLAGS, &request) != 0) return errno_error("bring lo up");
  return {};
}

}  // namespace

Result<> set_up_machine() {
  TRY(mount_all());
  TRY(load_modules());
  (void)::chmod("/dev/net/tun", 0666);  // what udev does
  (void)::chmod("/dev/fuse", 0666);
  // A machine that is out of memory says so instead of losing some process of the stack.
  TRY(write_file("/proc/sys/vm/panic_on_oom", "1"));
  TRY(write_file("/proc/sys/kernel/printk", "4"));
  return bring_loopback_up();
}

Result<Mailbox> map_mailbox_inside() {
  const Fd memory(::open("/dev/mem", O_RDWR | O_CLOEXEC));
  if (!memory.is_open()) return errno_error("open /dev/mem");
  void* mapped = ::mmap(nullptr, kMailboxSize, PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(),
                        static_cast<off_t>(kMailboxAddress));
  if (mapped == MAP_FAILED) return errno_error("map the mailbox");
  return Mailbox(std::span(static_cast<std::byte*>(mapped), kMailboxSize));
}

Result<> open_port() {
  return ::ioperm(kPort, 1, 1) == 0 ? Result<>() : Result<>(errno_error("open the port"));
}

void stand_still() {
  ::outb(kStandStill, kPort);
}

Result<ProcessorTime> processor_time() {
  std::istringstream line(TRY(read_file("/proc/stat")));
  std::string name;
  std::uint64_t user = 0;
  std::uint64_t nice = 0;
  std::uint64_t system = 0;
  ProcessorTime time;
  line >> name >> user >> nice >> system >> time.idle;
  std::uint64_t waiting = 0;
  std::uint64_t hard = 0;
  std::uint64_t soft = 0;
  line >> waiting >> hard >> soft;
  if (!line) return Error{Errc::kIo, "/proc/stat has another form"};
  time.idle += waiting;
  time.busy = user + nice + system + hard + soft;
  return time;
}

}  // namespace squall
