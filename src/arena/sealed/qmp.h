// QEMU's machine protocol (docs/interop/qmp-spec.txt of QEMU): one JSON object a line.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace squall {

class Qmp {
 public:
  explicit Qmp(Fd socket) : socket_(std::move(socket)) {}

  // Reads the greeting and leaves the negotiation mode.
  [[nodiscard]] Result<> greet();
  // A command with its arguments as JSON ("" for none); the answer's "return" as JSON.
  [[nodiscard]] Result<std::string> call(const std::string& command,
                                         const std::string& arguments = "");
  // Whether an event of this name has come, at once or within `patience`; it is taken.  kAborted:
  // QEMU has closed the connection.
  [[nodiscard]] Result<bool> take_event(const std::string& name, Duration patience);

 private:
  [[nodiscard]] Result<> send(const std::string& text);
  [[nodiscard]] Result<std::string> answer_to(const std::string& command);
  // The next line, "" when none came in time.
  [[nodiscard]] Result<std::string> read_line(Duration patience);

  Fd socket_;
  std::string unread_;
  std::vector<std::string> events_;  // names, in order
};

}  // namespace squall
