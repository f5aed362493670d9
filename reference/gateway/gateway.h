// The gateway: the Open Inference Protocol in front, replicas behind, the registry beside it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "reference/base/answer_memory.h"
#include "reference/base/http_server.h"
#include "reference/base/log.h"
#include "reference/gateway/cohort_core.h"
#include "reference/gateway/infer_call.h"
#include "reference/gateway/log_limit.h"
#include "reference/gateway/route.h"
#include "reference/registry/registry_state.h"

namespace squall::reference {

// Loop thread only.  Everything that is passed in outlives it.
class Gateway {
 public:
  // Listens at once; is ready when apply() has brought a configuration and a replica of it is
  // available.
  [[nodiscard]] static Result<std::unique_ptr<Gateway>> start(Loop& loop, const Clock& clock,
                                                              Log& log,
                                                              const GatewayOptions& options);
  Gateway(const Gateway&) = delete;

  // What the registry holds now.  A value that cannot be read is told, and the last good one stays.
  void apply(const RegistryState& state);
  void set_watching(bool is_watching) { metrics_.set_watching(is_watching); }
  // Ready says no; after options.drain_wait nothing new is taken; `done` when all has been
  // answered, or after options.drain_limit.
  void drain(std::function<void()> done);

  [[nodiscard]] std::uint16_t http_port() const { return http_->port(); }
  [[nodiscard]] std::uint16_t metrics_port() const { return metrics_server_->port(); }

 private:
  struct Model {
    explicit Model(Activation how) : activation(how) {}
    ActivationCore activation;
    std::int64_t bad_revision = 0;  // told already
  };
  struct Arrival;

  Gateway(Loop& loop, const Clock& clock, Log& log, const GatewayOptions& options);
  [[nodiscard]] Result<> listen();

  void handle(HttpRequest request, const HttpReply& reply);
  [[nodiscard]] HttpResponse server_metadata() const;
  [[nodiscard]] HttpResponse server_ready() const;
  [[nodiscard]] HttpResponse model_ready(const Route& route);
  void proxy_metadata(const HttpRequest& request, const Route& route, const HttpReply& reply);
  void answer_ledger(const HttpReply& reply);
  void infer(HttpRequest request, const Route& route, const HttpReply& reply);
  [[nodiscard]] bool route_infer(const Route& route, Arrival& arrival);
  void remember_or_run(const std::shared_ptr<Arrival>& arrival);
  void run(const std::shared_ptr<Arrival>& arrival);
  void on_end(const std::shared_ptr<Arrival>& arrival, InferEnd end);
  void answer(const Arrival& arrival, HttpResponse response);

  [[nodiscard]] const ModelConfig* active(const std::string& model);
  void apply_config(const std::string& name, const etcd::KeyValue& item);
  void advance(const std::string& name, Model& model);
  void on_outlier(const OutlierEvent& event);
  void tick();

  Loop& loop_;
  const Clock& clock_;
  Log& log_;
  const GatewayOptions options_;
  Rng rng_;
  GatewayMetrics metrics_{};
  HttpClient client_;
  ReplicaSet replicas_;
  RetryBudget budget_;
  AnswerMemory memory_{};
  LogLimit log_limit_{};
  std::map<std::string, Model, std::less<>> models_{};
  std::map<std::string, ReplicaRecord> records_{};      // the last good one of each
  std::map<std::string, std::int64_t> bad_replicas_{};  // revisions told already
  std::size_t in_flight_ = 0;
  bool is_draining_ = false;
  Timer tick_;
  Timer drain_;
  std::unique_ptr<HttpServer> http_{};
  std::unique_ptr<HttpServer> metrics_server_{};
};

}  // namespace squall::reference
