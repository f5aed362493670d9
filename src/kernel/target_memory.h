// The memory of another process, through /proc/PID/mem.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <type_traits>

#include "base/fd.h"
#include "base/result.h"

namespace squall {

class TargetMemory {
 public:
  // kNotFound when the process is gone; kUnsupported when we may not.
  static Result<TargetMemory> open(pid_t pid);

  // All of it, or an error.  kNotFound: the process is gone, or replaced its memory by exec.
  [[nodiscard]] Result<> read(std::uint64_t address, void* into, std::size_t size) const;
  // Also into pages that the process itself may not write, which become its own copy then.
  // kUnsupported when this kernel forbids that.
  [[nodiscard]] Result<> write(std::uint64_t address, const void* from, std::size_t size) const;

  template <typename T>
  [[nodiscard]] Result<T> read(std::uint64_t address) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    TRY(read(address, &value, sizeof value));
    return value;
  }

 private:
  explicit TargetMemory(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace squall
