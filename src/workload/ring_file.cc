// Mapping of a recorder ring's file, and its futexes.
#include "workload/ring_file.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace squall::ring {
namespace {

bool is_capacity(std::uint64_t capacity) {
  return std::has_single_bit(capacity) && capacity >= kMinCapacity && capacity <= kMaxCapacity;
}

std::byte* data(void* memory) {
  return static_cast<std::byte*>(memory) + kDataOffset;
}

}  // namespace

Result<Mapping> Mapping::map(Fd file, const std::string& path, std::size_t capacity) {
  void* memory =
      ::mmap(nullptr, kDataOffset + capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) return errno_error("map " + path);
  return Mapping(std::move(file), memory, capacity);
}

Result<Mapping> Mapping::create(const std::string& path, std::size_t capacity) {
  if (!is_capacity(capacity)) {
    return Error{Errc::kInvalid, "a ring of " + std::to_string(capacity) +
                                     " bytes: must be a power of two from 4096 to 1 GiB"};
  }
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) return errno_error("create " + path);
  // Reserved now, since a full disk at a later store would be a SIGBUS.
  const int error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(kDataOffset + capacity));
  if (error != 0) return errno_error("reserve " + path, error);
  Mapping mapping = TRY(map(std::move(file), path, capacity));
  auto* header = new (mapping.memory_) Header{};  // owned by the mapping
  header->magic = kMagic;
  header->capacity = capacity;
  return mapping;
}

Result<Mapping> Mapping::open(const std::string& path) {
  Fd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file.is_open()) return errno_error("open " + path);
  // The kernel lets go of it when the process dies, so a client that was killed can start again.
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return errno_error("lock " + path);
    return Error{Errc::kInvalid, path + ": another client records here"};
  }
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return errno_error("stat " + path);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size <= kDataOffset || !is_capacity(size - kDataOffset)) {
    return Error{Errc::kInvalid, path + ": not a recorder ring"};
  }
  Mapping mapping = TRY(map(std::move(file), path, size - kDataOffset));
  const Header& header = mapping.header();
  if (header.magic != kMagic || header.capacity != mapping.capacity()) {
    return Error{Errc::kInvalid, path + ": not a recorder ring"};
  }
  return mapping;
}

Mapping::Mapping(Mapping&& other) noexcept
    : file_(std::move(other.file_)),
      memory_(std::exchange(other.memory_, nullptr)),
      capacity_(other.capacity_) {}

Mapping::~Mapping() {
  if (memory_ != nullptr) (void)::munmap(memory_, kDataOffset + capacity_);  // cannot fail here
}

void Mapping::put(std::uint64_t position, const void* from, std::size_t size) const {
  const std::size_t start = position & (capacity_ - 1);
  const std::size_t first = std::min(size, capacity_ - start);
  if (first > 0) std::memcpy(data(memory_) + start, from, first);
  if (size > first) {
    std::memcpy(data(memory_), static_cast<const std::byte*>(from) + first, size - first);
  }
}

void Mapping::get(std::uint64_t position, void* to, std::size_t size) const {
  const std::size_t start = position & (capacity_ - 1);
  const std::size_t first = std::min(size, capacity_ - start);
  if (first > 0) std::memcpy(to, data(memory_) + start, first);
  if (size > first) {
    std::memcpy(static_cast<std::byte*>(to) + first, data(memory_), size - first);
  }
}

void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t old, Duration timeout) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const timespec limit{.tv_sec = seconds.count(), .tv_nsec = (timeout - seconds).count()};
  // Every reason to return early (a signal, another value) is a reason to look again, as callers
  // do.
  (void)::syscall(SYS_futex, &word, FUTEX_WAIT, old, &limit, nullptr, 0);
}

void futex_wake(std::atomic<std::uint32_t>& word) {
  (void)::syscall(SYS_futex, &word, FUTEX_WAKE, 1U << 30U, nullptr, nullptr, 0);
}

}  // namespace squall::ring
