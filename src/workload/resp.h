// RESP, the protocol of Redis: commands to one server over one connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "workload/connection.h"

namespace squall {

struct RespValue {
  enum class Kind { kNothing, kText, kInteger, kError, kList };
  Kind kind = Kind::kNothing;
  std::string text{};  // status, string or error
  std::int64_t integer = 0;
  std::vector<RespValue> items{};
  [[nodiscard]] bool is_error() const { return kind == Kind::kError; }
  // Everything in order, one element a line: what a regular expression is matched with.
  [[nodiscard]] std::string to_text() const;
};

// Not thread-safe.  After an error the connection is gone and the next command makes a new one.
class RespClient {
 public:
  explicit RespClient(SocketAddress server, int netns = -1)
      : server_(std::move(server)), netns_(netns) {}

  [[nodiscard]] const SocketAddress& server() const { return server_; }
  [[nodiscard]] Result<> connect(MonoTime deadline);
  // An error answer of the server is a value too.
  [[nodiscard]] Result<RespValue> command(const std::vector<std::string>& words, MonoTime deadline);
  // Of the last command.
  [[nodiscard]] const ExchangeTimes& times() const { return times_; }

 private:
  [[nodiscard]] Result<RespValue> receive(MonoTime deadline);

  SocketAddress server_;
  int netns_;
  std::optional<Connection> connection_{};
  ExchangeTimes times_{};
};

}  // namespace squall
