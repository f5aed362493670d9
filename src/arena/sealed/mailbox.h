// A stretch of the machine's memory that both sides know: requests go in while the machine stands
// still, progress and the finished run file come out.  Reading it from outside changes nothing for
// the machine, so nothing that the host does can be felt inside.
//
//   0       head (below)
//   1 MiB   request, at most 15 MiB
//   16 MiB  progress, a ring of 1 MiB
//   17 MiB  result, the rest
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace squall {

// Where it lies in the machine's physical memory: kept out of the kernel's hands by `memmap=`, and
// below where QEMU puts the image (the end of memory).
inline constexpr std::uint64_t kMailboxAddress = std::uint64_t{512} << 20U;
inline constexpr std::uint64_t kMailboxSize = std::uint64_t{256} << 20U;
inline constexpr std::size_t kMaxRequest = std::size_t{15} << 20U;
inline constexpr std::size_t kMaxResult = kMailboxSize - (std::size_t{17} << 20U);

// Where the machine stopped by itself, written by it before it stops.
enum class Stage : std::uint64_t {
  kNone = 0,
  kBooted = 1,  // waits for the stack
  kReady = 2,   // the stack is ready; waits for the run
  kDone = 3,    // the result is the run file
  kFailed = 4,  // the result is an error text
};

// Not thread-safe on one side; the other side may read at the same time.
class Mailbox {
 public:
  // `bytes` outlives the object and has kMailboxSize bytes.
  explicit Mailbox(std::span<std::byte> bytes) : bytes_(bytes) {}

  // Host: only while the machine stands still.
  [[nodiscard]] Result<> put_request(std::string_view text);
  // What the machine has told since the last call; `told` is where that was, 0 at first.
  [[nodiscard]] std::string progress_since(std::uint64_t& told) const;
  [[nodiscard]] Stage stage() const;
  // Counts up about once a virtual second.
  [[nodiscard]] std::uint64_t heartbeat() const;
  // CLOCK_MONOTONIC of the machine at its last heartbeat, ns.
  [[nodiscard]] std::uint64_t virtual_time() const;
  [[nodiscard]] Result<std::string> result() const;

  // Machine.
  [[nodiscard]] Result<std::string> request() const;
  void tell(std::string_view text);
  void beat(std::uint64_t virtual_time);
  // The stage is what counts: the result is there when it says so.
  void put_result(Stage stage, std::string_view bytes);
  void set_stage(Stage stage);

 private:
  struct Head;
  [[nodiscard]] Head& head() const;
  std::span<std::byte> bytes_;
};

}  // namespace squall
