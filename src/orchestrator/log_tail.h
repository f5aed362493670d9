// Follows the output files of the stack and the clients.  They are files, not pipes, so that an
// agent's death never blocks or kills a process of the stack.
#pragma once

#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace squall {

inline constexpr std::size_t kMaxLogLine = 16384;  // bytes; the rest of a longer line is dropped

struct LogSource {
  std::string path;  // may not exist yet
  std::string node;
  std::string process;  // as the run file names it
  std::string trigger;  // what `when: {of: …}` calls it
};

// Not thread-safe.
class LogTail {
 public:
  struct Line {
    const LogSource* source;  // valid until the next add()
    std::string text;         // without the newline
  };

  void add(LogSource source);
  // Complete lines that have appeared since the last call; `is_final` also takes an unfinished one.
  [[nodiscard]] std::vector<Line> read(bool is_final = false);

 private:
  struct File {
    LogSource source;
    Fd fd;
    std::string partial;
  };
  std::vector<File> files_;
};

}  // namespace squall
