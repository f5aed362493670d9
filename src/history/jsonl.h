// Jepsen-like JSON lines, one event each (docs/run-file.md has the details):
//   {"i":index,"p":process,"e":"invoke|ok|fail|info","f":name,"v":value,"k":key?,"t":ns?,"err":?}
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "history/history.h"

namespace squall {

// Limits of the reader; passing one is an error that names it.
inline constexpr std::size_t kMaxJsonlLine = std::size_t{16} << 20U;  // bytes
inline constexpr std::size_t kMaxJsonlBytes = std::size_t{2} << 30U;  // of a file, unpacked
// Threads stamp an event before they take the lock of the log, so that stamps of different
// processes may stand out of order by this much (measured in Jepsen's logs: up to 1.2 ms).
inline constexpr std::uint64_t kMaxJsonlDisorder = 10'000'000;  // ns

// What was read besides the history.
struct JsonlFacts {
  std::size_t events = 0;   // lines that hold an event
  std::size_t skipped = 0;  // of those: not of a numbered process ("nemesis")
};

// Errors name line and column (both from 1, bytes).  Without "t", positions count as nanoseconds.
// A process whose operation ended in info takes no further operation under that id; what was
// invoked and never completed is info.
//
// The value of an operation is what it asked for if it writes (write, cas, add, …) and what it was
// told if it does not: kAbsent for a read that nobody saw the answer of.
[[nodiscard]] Result<History> read_jsonl(std::string_view text, const std::string& name,
                                         JsonlFacts* facts = nullptr);
[[nodiscard]] Result<History> read_jsonl_file(const std::string& path,
                                              JsonlFacts* facts = nullptr);  // plain, .gz, .zst
// Every operation's events in the order of their times.  scheduled, first byte, clients and nodes
// are not part of the format.
[[nodiscard]] std::string write_jsonl(const History& history);

// True if the operation's value is its argument: write, cas, add, append, enqueue, put, ….
[[nodiscard]] bool is_argument_kept(std::string_view function);

}  // namespace squall
