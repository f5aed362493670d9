// Serves engines on a Unix socket: one for each connection.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "reference/base/log.h"
#include "reference/base/loop.h"

namespace squall::reference {

// A Unix socket's path has at most 107 bytes (unix(7)).
inline constexpr std::size_t kMaxSocketPath = 107;

// Loop thread only: one request after the other is computed on it.
class EngineServer {
 public:
  // A socket that nobody serves any more is replaced; one that is served is an error.  For
  // `service_time` see Engine.
  [[nodiscard]] static Result<std::unique_ptr<EngineServer>> listen(
      Loop& loop, const Clock& clock, const std::string& path, Log& log,
      Duration service_time = Duration{0});
  // Closes all connections and removes the socket.
  ~EngineServer();
  EngineServer(const EngineServer&) = delete;
  EngineServer& operator=(const EngineServer&) = delete;

 private:
  struct State;
  explicit EngineServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace squall::reference
