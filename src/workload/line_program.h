// A program of the user's that speaks lines on standard input and output.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace squall {

inline constexpr std::size_t kMaxLine = std::size_t{64} << 20U;

// Moves, one thread at a time.  What it writes to standard error goes to ours.  It dies with us:
// with the thread that started it, should that be killed.
class LineProgram {
 public:
  // Looked up in PATH unless the name holds a slash.
  [[nodiscard]] static Result<LineProgram> start(const std::vector<std::string>& command);
  LineProgram(LineProgram&&) noexcept = default;
  LineProgram& operator=(LineProgram&&) = delete;
  // Closes its input, gives it kGrace to end, kills it, and takes it from the process table.
  ~LineProgram();

  // Whether a byte of the line went into the pipe is in is_sent().
  [[nodiscard]] Result<> send(std::string_view line, MonoTime deadline);
  [[nodiscard]] bool is_sent() const { return is_sent_; }
  // kIo: it closed its output; kTimeout.  Without the newline.
  [[nodiscard]] Result<std::string> receive(MonoTime deadline);
  // It said something that nobody had asked for, or ended.
  [[nodiscard]] bool is_quiet() const;
  // Does not wait for its end: a program that hangs would hold up the next operation.
  void kill();

  static constexpr Duration kGrace = std::chrono::seconds(1);

 private:
  LineProgram(Fd process, Fd input, Fd output)
      : process_(std::move(process)), input_(std::move(input)), output_(std::move(output)) {}
  Fd process_;  // a pidfd
  Fd input_;    // we write
  Fd output_;   // we read
  std::string received_{};
  bool is_sent_ = false;
};

}  // namespace squall
