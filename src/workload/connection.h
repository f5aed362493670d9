// A blocking TCP connection with deadlines, which knows what an error means: whether any byte of a
// request may have reached the server.
//
//   not a byte was handed to the kernel     ─▶ the operation certainly did not happen (fail)
//   some byte was, and no whole answer came ─▶ nobody knows (info)
//
// That holds for a reused connection too: the server may have closed it before our bytes, but it
// may as well have read them and died.
#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"
#include "kernel/sockets.h"

namespace squall {

// When the current request's bytes went and its answer came.  Zero: not yet.
struct ExchangeTimes {
  MonoTime sent{};        // the first byte was handed to the kernel
  MonoTime first_byte{};  // the first byte of the answer was read
  [[nodiscard]] bool is_sent() const { return sent != MonoTime{}; }
};

// Moves, one thread.
class Connection {
 public:
  // Connects by `deadline`.  `netns` < 0 is the caller's network namespace.
  [[nodiscard]] static Result<Connection> open(const SocketAddress& to, MonoTime deadline,
                                               int netns = -1);

  // Forgets the times of the request before.
  void begin() { times_ = {}; }
  [[nodiscard]] const ExchangeTimes& times() const { return times_; }
  // Nothing waits to be read.  Between requests anything that does is an end or a stranger's
  // answer, and the connection must not be used again.
  [[nodiscard]] bool is_quiet() const;

  [[nodiscard]] Result<> send(std::string_view bytes, MonoTime deadline);
  // At least one byte is appended; how many.  0: the server closed.  Bytes that are already there
  // are taken even when the deadline has passed: a client that was paused finds its answer when it
  // wakes.
  [[nodiscard]] Result<std::size_t> receive(std::string& into, MonoTime deadline);

 private:
  explicit Connection(Fd socket) : socket_(std::move(socket)) {}
  Fd socket_;
  ExchangeTimes times_{};
};

}  // namespace squall
