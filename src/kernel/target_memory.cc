// pread(2) and pwrite(2) on /proc/PID/mem.
#include "kernel/target_memory.h"

#include <fcntl.h>

#include <string>

#include "kernel/pseudo_file.h"

namespace squall {
namespace {

// 0 bytes: the memory is no more; the process has exited or executed another program.
Error memory_error(const std::string& attempt, ssize_t count, int error) {
  if (count == 0) return {Errc::kNotFound, attempt + ": the process has another memory now"};
  if (error == EIO || error == EPERM || error == EACCES) {
    return {Errc::kUnsupported, errno_error(attempt, error).what};
  }
  return kernel_error(attempt, error);
}

}  // namespace

Result<TargetMemory> TargetMemory::open(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/mem";
  Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (fd.is_open()) return TargetMemory(std::move(fd));
  if (errno != EACCES && errno != EPERM) return kernel_error("open " + path);
  return Error{Errc::kUnsupported,
               errno_error("open " + path).what +
                   "; it takes the same user and no more capabilities than ours, or CAP_SYS_PTRACE "
                   "in its user namespace, and kernel.yama.ptrace_scope below 3"};
}

Result<> TargetMemory::read(std::uint64_t address, void* into, std::size_t size) const {
  const ssize_t count = ::pread(fd_.get(), into, size, static_cast<off_t>(address));
  if (count == static_cast<ssize_t>(size)) return {};
  return memory_error("read its memory", count, errno);
}

Result<> TargetMemory::write(std::uint64_t address, const void* from, std::size_t size) const {
  const ssize_t count = ::pwrite(fd_.get(), from, size, static_cast<off_t>(address));
  if (count == static_cast<ssize_t>(size)) return {};
  return memory_error("write its memory", count, errno);
}

}  // namespace squall
