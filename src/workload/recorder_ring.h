// The recorder ring: how a client hands its operations over, in shared memory.  A client's death by
// SIGKILL loses nothing that it had recorded, and recording costs well under a microsecond.
//
// One file in the lab's tmpfs, mapped by both sides: a header and a byte ring.  Any number of
// threads of the client write under a small lock (a spin lock would hang the others when its owner
// is SIGSTOPped together with them: all threads of a client are stopped together, so a mutex is
// fine); one reader, in another process, never blocks the writers' memory. When the ring is full
// the writer waits and counts it: nothing is dropped.  An event that is larger than a quarter of
// the ring could never pass: an answer is then recorded as info, since what it said is lost, and
// every other event without its value.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace squall {

enum class ClientCommand : std::uint32_t {
  kWait = 0,  // connect, prepare, do not send operations yet
  kRun = 1,
  kFinish = 2,  // the timeline and the settle are over: final operations (a last read), then exit
  kStop = 3,    // now
};

// An event of one operation.  `invoke` and its completion carry the same process; a process has at
// most one operation under way.
struct RecordedEvent {
  enum class Kind : std::uint8_t { kInvoke, kOk, kFail, kInfo };
  Kind kind = Kind::kInvoke;
  std::int64_t process = 0;
  std::int64_t at = 0;          // CLOCK_MONOTONIC ns: sent, or completed
  std::int64_t scheduled = 0;   // kInvoke: CLOCK_MONOTONIC ns
  std::int64_t first_byte = 0;  // completions: CLOCK_MONOTONIC ns, 0: none
  // Counts the openings of the ring's writing side, from 1: a client that was killed and started
  // again records under the next one.  Filled in by the ring.
  std::uint32_t generation = 0;
  std::string_view function{};
  std::string_view key{};    // JSON scalar, "" for none
  std::string_view value{};  // JSON, "" for none
  std::string_view error{};
};

class RecorderWriter {
 public:
  // Fails while another process writes to this ring.
  [[nodiscard]] static Result<RecorderWriter> open(const std::string& path);
  RecorderWriter(RecorderWriter&&) noexcept;
  RecorderWriter& operator=(RecorderWriter&&) noexcept;
  ~RecorderWriter();
  void record(const RecordedEvent& event);  // thread-safe
  [[nodiscard]] ClientCommand command() const;
  // Returns when the command differs from `old`, or after `timeout` (futex on the header).
  ClientCommand wait_command(ClientCommand old, Duration timeout) const;
  void set_ready();  // prepared: may be told to run
  [[nodiscard]] std::uint32_t generation() const;

 private:
  struct State;
  explicit RecorderWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class RecorderReader {
 public:
  // Creates the file with a ring of `capacity` bytes (a power of two).
  [[nodiscard]] static Result<RecorderReader> create(const std::string& path,
                                                     std::size_t capacity = std::size_t{4} << 20U);
  RecorderReader(RecorderReader&&) noexcept;
  RecorderReader& operator=(RecorderReader&&) noexcept;
  ~RecorderReader();
  // The next event, if one is complete; its views are valid until the next call.  A ring that does
  // not hold what a writer would have written is kInvalid, also at every later call.
  [[nodiscard]] Result<std::optional<RecordedEvent>> next();
  void set_command(ClientCommand command);
  [[nodiscard]] bool is_ready() const;
  [[nodiscard]] std::uint64_t waits() const;  // times a writer found the ring full

 private:
  struct State;
  explicit RecorderReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace squall
