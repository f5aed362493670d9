// Lines of text over TCP: all that the planted stack speaks.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace squall::planted {

struct Address {
  std::string ip;
  int port = 0;
};

// One end of a connection.  Not thread-safe.
class LineSocket {
 public:
  explicit LineSocket(Fd socket) : socket_(std::move(socket)) {}
  static Result<LineSocket> connect(const Address& to);

  [[nodiscard]] bool send(const std::string& line);  // without its newline
  // Nothing: the other side has closed, or `timeout_ms` (0: none) has passed.
  [[nodiscard]] std::optional<std::string> receive(int timeout_ms = 0);

 private:
  Fd socket_;
  std::string buffer_{};
};

// What is answered to a line; what it leaves to be done after the answer is sent is in `after`.
struct Reply {
  std::string line;
  std::function<void()> after{};
};
using Handler = std::function<Reply(const std::string& line)>;

// A thread for each connection.  Returns only with an error.
[[nodiscard]] Result<> serve(const Address& at, const Handler& handler);

}  // namespace squall::planted
