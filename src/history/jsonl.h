// Jepsen-like JSON lines, one event each (docs/run-file.md has the details):
//   {"i":index,"p":process,"e":"invoke|ok|fail|info","f":name,"v":value,"k":key?,"t":ns?,"err":?}
// or with the names that Jepsen gives them: index, process, type, f, value, key, time, error.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "history/event_pairing.h"
#include "history/history.h"

namespace squall {

// Limits of the reader; passing one is an error that names it.
inline constexpr std::size_t kMaxJsonlLine = std::size_t{16} << 20U;  // bytes

// Errors name line and column (both from 1, bytes).  Without "t", positions count as nanoseconds.
// A process whose operation ended in info takes no further operation under that id; what was
// invoked and never completed is info.
//
// The value of an operation is what it asked for if it writes (write, cas, add, …) and what it was
// told if it does not: kAbsent for a read that nobody saw the answer of.
class JsonlReader {
 public:
  JsonlReader(std::string name, const ImportOptions& options);
  ~JsonlReader();

  // Whole lines, as many as there are at hand; only the last of all may lack its line break.
  [[nodiscard]] Result<> take(std::string_view lines);
  [[nodiscard]] const ImportFacts& facts() const;
  // Once, after the last line.
  [[nodiscard]] History finish();

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

[[nodiscard]] Result<History> read_jsonl(std::string_view text, const std::string& name,
                                         ImportFacts* facts = nullptr,
                                         const ImportOptions& options = {});
// Plain, .gz, .zst; in blocks, so that beside the history it takes a bounded amount of memory.
[[nodiscard]] Result<History> read_jsonl_file(const std::string& path, ImportFacts* facts = nullptr,
                                              const ImportOptions& options = {});
// Every operation's events in the order of their times.  scheduled, first byte, clients and nodes
// are not part of the format.
[[nodiscard]] std::string write_jsonl(const History& history);

}  // namespace squall
