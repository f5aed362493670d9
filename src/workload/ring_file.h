// The recorder ring's file as both sides map it: the header, and copying in and out of the bytes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace squall::ring {

inline constexpr std::uint64_t kMagic = 0x3147'4e49'5251'5353;  // "SSQRING1", little-endian
inline constexpr std::size_t kDataOffset = 4096;
inline constexpr std::size_t kMinCapacity = 4096;
inline constexpr std::size_t kMaxCapacity = std::size_t{1} << 30U;

// Each side's words stand on cache lines of their own.
struct Header {
  std::uint64_t magic;
  std::uint64_t capacity;
  std::atomic<std::uint32_t> generation;
  alignas(64) std::atomic<std::uint32_t> command;  // a futex
  std::atomic<std::uint32_t> is_ready;
  alignas(64) std::atomic<std::uint64_t> head;  // bytes ever written; the writer's
  alignas(64) std::atomic<std::uint64_t> tail;  // bytes ever read; the reader's
  std::atomic<std::uint32_t> room;              // a futex: changes when there is room again
  std::atomic<std::uint32_t> is_writer_waiting;
  std::atomic<std::uint64_t> waits;
};
static_assert(sizeof(Header) <= kDataOffset);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// One event: this, then function, key, value and error, then padding to 8 bytes.
struct Record {
  std::uint32_t length;  // of all of it
  std::uint32_t generation;
  std::int64_t process;
  std::int64_t at;
  std::int64_t scheduled;
  std::int64_t first_byte;
  std::uint32_t value_size;
  std::uint32_t error_size;
  std::uint32_t key_size;
  std::uint16_t function_size;
  std::uint8_t kind;
  std::uint8_t zero;
};
static_assert(sizeof(Record) == 56);

class Mapping {
 public:
  [[nodiscard]] static Result<Mapping> create(const std::string& path, std::size_t capacity);
  [[nodiscard]] static Result<Mapping> open(const std::string& path);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping();

  [[nodiscard]] Header& header() const { return *static_cast<Header*>(memory_); }
  // From when it was mapped: what the file says later is not trusted.
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  void put(std::uint64_t position, const void* from, std::size_t size) const;
  void get(std::uint64_t position, void* to, std::size_t size) const;

 private:
  Mapping(Fd file, void* memory, std::size_t capacity)
      : file_(std::move(file)), memory_(memory), capacity_(capacity) {}
  [[nodiscard]] static Result<Mapping> map(Fd file, const std::string& path, std::size_t capacity);

  Fd file_;  // carries the writer's lock
  void* memory_ = nullptr;
  std::size_t capacity_ = 0;
};

// Returns when the word differs from `old`, a wake came, or `timeout` passed.
void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t old, Duration timeout);
void futex_wake(std::atomic<std::uint32_t>& word);

}  // namespace squall::ring
