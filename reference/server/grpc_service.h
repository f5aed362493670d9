// The six RPCs of the Open Inference Protocol.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "base/rng.h"
#include "reference/base/endpoint.h"
#include "reference/base/loop.h"
#include "reference/server/inference_service.h"

namespace squall::reference::server {

// gRPC's threads receive and send; every call is answered on the loop's thread.
class GrpcService {
 public:
  // Port 0 takes a free one.  The service outlives it.
  [[nodiscard]] static Result<std::unique_ptr<GrpcService>> listen(Loop& loop,
                                                                   InferenceService& service,
                                                                   const Endpoint& at, Rng rng);
  // Only after finish(), or where nothing was ever called.
  ~GrpcService();
  GrpcService(const GrpcService&) = delete;
  GrpcService& operator=(const GrpcService&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // Takes no new calls and cancels those that are still under way; then calls back on the loop.
  void finish(std::function<void()> done);

 private:
  struct State;
  explicit GrpcService(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace squall::reference::server
