// The model server: engine, models, service and its three ports, from start to the end of the
// drain.
//
//   begin_drain ──▶ not ready, not registered, still serving ──(drain_wait)──▶ refusing with 503,
//   finishing what was admitted ──(all answered, or drain_limit)──▶ closed
//
// Live stays true until the end, and every HTTP answer from begin_drain on closes its connection.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reference/base/endpoint.h"
#include "reference/base/log.h"
#include "reference/base/loop.h"
#include "reference/server/batcher_core.h"
#include "reference/server/inference_service.h"

namespace squall::reference::server {

struct ModelServerPlan {
  std::string ip = "127.0.0.1";
  std::uint16_t http_port = 8000;  // 0: a free one
  std::uint16_t grpc_port = 8001;
  std::uint16_t metrics_port = 8002;
  std::string engine{};      // the engine's socket
  std::string repository{};  // the folder of models
  std::string region{};
  std::vector<Endpoint> registry{};  // empty: not registered anywhere
  ServicePlan service{};
  BatchLimits limits{};
  bool remembers_keys =
      true;  // HTTP requests with an idempotency key: reference/base/idempotent_handler.h
  Duration poll = std::chrono::milliseconds(250);        // looks at the repository
  Duration drain_wait = std::chrono::milliseconds(200);  // for balancers to see that we leave
  Duration drain_limit = std::chrono::seconds(5);        // for what was admitted
};

// Loop thread only.
class ModelServer {
 public:
  // The engine need not be there yet.
  [[nodiscard]] static Result<std::unique_ptr<ModelServer>> start(Loop& loop, const Clock& clock,
                                                                  Log& log,
                                                                  const ModelServerPlan& plan);
  // After begin_drain has called back, or if nobody ever called.
  ~ModelServer();
  ModelServer(const ModelServer&) = delete;
  ModelServer& operator=(const ModelServer&) = delete;

  [[nodiscard]] std::uint16_t http_port() const;
  [[nodiscard]] std::uint16_t grpc_port() const;
  [[nodiscard]] std::uint16_t metrics_port() const;
  [[nodiscard]] bool is_ready() const;
  // Calls back, later, when readiness changes.
  void on_ready_change(std::function<void(bool)> changed);
  // Looks at the repository now.
  void refresh();
  // Calls back once, when all is closed.  A second begin_drain does nothing.
  void begin_drain(std::function<void()> done);

 private:
  struct State;
  explicit ModelServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The repository that the build puts beside the programs: ../share/squall/models from here.
[[nodiscard]] Result<std::string> default_repository();

}  // namespace squall::reference::server
