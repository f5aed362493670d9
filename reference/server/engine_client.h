// The model server's side of the engine's socket: it connects, connects again when the engine comes
// back, and knows whether the engine makes progress.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "reference/base/loop.h"
#include "reference/engine/frame.h"

namespace squall::reference::server {

struct EngineClientPlan {
  std::string path;
  std::function<void()> on_connected{};     // load everything: a new connection has no models
  std::function<void()> on_disconnected{};  // after the callbacks of all requests under way
  Duration reconnect = std::chrono::milliseconds(50);
  Duration ping = std::chrono::milliseconds(100);
  // A request without an answer for longer means no progress.
  Duration progress = std::chrono::milliseconds(500);
};

// Loop thread only.  Callbacks run later, never inside the call; kAborted: the engine is not there
// or went away, and whether it computed is unknown and does not matter.
class EngineClient {
 public:
  EngineClient(Loop& loop, const Clock& clock, EngineClientPlan plan);
  // Callbacks of requests under way do not run.
  ~EngineClient();
  EngineClient(const EngineClient&) = delete;
  EngineClient& operator=(const EngineClient&) = delete;

  void load(std::uint32_t slot, std::string_view onnx, std::function<void(Result<>)> done);
  void unload(std::uint32_t slot);
  void infer(std::uint32_t slot, const Matrix& matrix,
             std::function<void(Result<InferredBody>)> done);

  [[nodiscard]] bool is_connected() const;
  // Connected, and the oldest request under way is younger than `progress`.  Pings make sure that
  // there is one.
  [[nodiscard]] bool makes_progress() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace squall::reference::server
