// Puts the parts together.
#include "reference/server/model_server.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "reference/base/http_server.h"
#include "reference/base/idempotent_handler.h"
#include "reference/base/json_text.h"
#include "reference/base/metrics.h"
#include "reference/base/trace.h"
#include "reference/server/engine_client.h"
#include "reference/server/grpc_service.h"
#include "reference/server/registered.h"
#include "reference/server/rest_routes.h"

namespace squall::reference::server {
namespace {

// Readiness depends on time (progress), so it is looked at.
constexpr Duration kWatch = std::chrono::milliseconds(50);

HttpResponse metrics_answer(const HttpRequest& request, const Metrics& metrics) {
  HttpResponse response{.status = 404};
  if (path_of(request.target) == "/metrics") {
    response.status = 200;
    response.headers.add("Content-Type", std::string(kMetricsContentType));
    response.body = metrics.text();
  } else {
    response.headers.add("Content-Type", "application/json");
    response.body = error_body("no such path; try /metrics");
  }
  return response;
}

}  // namespace

struct ModelServer::State {
  State(Loop& on, const Clock& time, Log& to, const ModelServerPlan& wanted)
      : loop(on),
        clock(time),
        log(to),
        plan(wanted),
        rng(seed_from_kernel()),
        engine(on, time, engine_plan()),
        store(on, time, to, metrics, engine, store_plan()),
        service(time, to, store, engine, wanted.service),
        routes(service, rng.split("rest")),
        poll(on),
        watch(on),
        drain(on) {}

  [[nodiscard]] EngineClientPlan engine_plan();
  [[nodiscard]] ModelStorePlan store_plan();
  [[nodiscard]] Result<> listen();
  void keep_polling();
  void keep_watching();
  void look();
  void drain_step();
  void finish();
  void finish_http();
  void end();

  Loop& loop;
  const Clock& clock;
  Log& log;
  ModelServerPlan plan;
  Rng rng;
  Metrics metrics{};
  EngineClient engine;
  ModelStore store;
  InferenceService service;
  RestRoutes routes;
  IdempotentHandler idempotent{clock, plan.remembers_keys,
                               [this](const HttpRequest& request, const HttpReply& reply) {
                                 routes.handle(request, reply);
                               }};
  std::unique_ptr<HttpServer> http{};
  std::unique_ptr<HttpServer> metrics_http{};
  std::unique_ptr<GrpcService> grpc{};
  std::unique_ptr<Registered> registered{};
  Timer poll;
  Timer watch;
  Timer drain;
  bool was_ready = false;
  bool is_finishing = false;
  std::function<void(bool)> on_ready_change{};
  std::function<void()> on_drained{};
};

EngineClientPlan ModelServer::State::engine_plan() {
  return EngineClientPlan{.path = plan.engine,
                          .on_connected =
                              [this] {
                                log.info("engine connected");
                                store.on_engine_connected();
                              },
                          .on_disconnected =
                              [this] {
                                log.warning("engine disconnected");
                                store.on_engine_disconnected();
                              }};
}

ModelStorePlan ModelServer::State::store_plan() {
  return ModelStorePlan{.repository = plan.repository, .limits = plan.limits, .on_change = [this] {
                          service.on_store_change();
                          look();
                        }};
}

Result<> ModelServer::State::listen() {
  const auto at = [&](std::uint16_t port) { return Endpoint{.ip = plan.ip, .port = port}; };
  http = TRY(HttpServer::listen(loop, clock, at(plan.http_port),
                                [this](HttpRequest request, HttpReply reply) {
                                  idempotent.handle(std::move(request), std::move(reply));
                                }));
  metrics_http = TRY(HttpServer::listen(loop, clock, at(plan.metrics_port),
                                        [this](const HttpRequest& request, const HttpReply& reply) {
                                          reply(metrics_answer(request, metrics));
                                        }));
  grpc = TRY(GrpcService::listen(loop, service, at(plan.grpc_port), rng.split("grpc")));
  return {};
}

void ModelServer::State::keep_polling() {
  poll.after(plan.poll, [this] {
    store.refresh();
    keep_polling();
  });
}

void ModelServer::State::keep_watching() {
  watch.after(kWatch, [this] {
    look();
    keep_watching();
  });
}

// What others are told about our readiness.
void ModelServer::State::look() {
  const bool is_ready = service.is_ready();
  metrics.gauge("model_server_ready", "1 while the server says that it is ready.")
      .set(is_ready ? 1 : 0);
  metrics.gauge("model_server_engine_progress", "1 while the engine answers in time.")
      .set(engine.makes_progress() ? 1 : 0);
  if (registered) registered->update(is_ready, store.ready());
  if (std::exchange(was_ready, is_ready) == is_ready) return;
  log.info(is_ready ? "ready" : "not ready");
  if (on_ready_change) loop.post([this, is_ready] { on_ready_change(is_ready); });
}

// The wait is over: refuse what is new, finish what was admitted.
void ModelServer::State::drain_step() {
  service.refuse();
  drain.after(plan.drain_limit, [this] {
    log.warning("drain limit", {{"pending", static_cast<std::int64_t>(service.pending())}});
    finish();
  });
  service.when_idle([this] { loop.post([this] { finish(); }); });
}

void ModelServer::State::finish() {
  if (std::exchange(is_finishing, true)) return;
  drain.cancel();
  grpc->finish([this] { finish_http(); });
}

void ModelServer::State::finish_http() {
  // A caller that does not read its answer must not hold us.
  drain.after(std::chrono::seconds(1), [this] { end(); });
  http->finish([this] { loop.post([this] { end(); }); });
}

void ModelServer::State::end() {
  drain.cancel();
  poll.cancel();
  watch.cancel();
  registered.reset();
  if (const auto done = std::exchange(on_drained, nullptr)) done();
}

ModelServer::ModelServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
ModelServer::~ModelServer() = default;

Result<std::unique_ptr<ModelServer>> ModelServer::start(Loop& loop, const Clock& clock, Log& log,
                                                        const ModelServerPlan& plan) {
  auto state = std::make_unique<State>(loop, clock, log, plan);
  (void)TRY(state->listen());
  if (!plan.registry.empty()) {
    state->registered = std::make_unique<Registered>(
        log, RegisteredPlan{.registry = plan.registry,
                            .name = plan.service.name,
                            .region = plan.region,
                            .http = Endpoint{plan.ip, state->http->port()},
                            .grpc = Endpoint{plan.ip, state->grpc->port()}});
  }
  state->keep_polling();
  state->keep_watching();
  return std::unique_ptr<ModelServer>(new ModelServer(std::move(state)));
}

std::uint16_t ModelServer::http_port() const {
  return state_->http->port();
}
std::uint16_t ModelServer::grpc_port() const {
  return state_->grpc->port();
}
std::uint16_t ModelServer::metrics_port() const {
  return state_->metrics_http->port();
}
bool ModelServer::is_ready() const {
  return state_->service.is_ready();
}

void ModelServer::on_ready_change(std::function<void(bool)> changed) {
  state_->on_ready_change = std::move(changed);
}

void ModelServer::refresh() {
  state_->store.refresh();
}

void ModelServer::begin_drain(std::function<void()> done) {
  if (state_->on_drained || state_->is_finishing) return;
  state_->on_drained = std::move(done);
  state_->service.begin_drain();
  state_->http->begin_drain();
  state_->look();
  state_->log.info("draining", {{"pending", static_cast<std::int64_t>(state_->service.pending())}});
  state_->drain.after(state_->plan.drain_wait, [state = state_.get()] { state->drain_step(); });
}

Result<std::string> default_repository() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return Error{Errc::kIo, "read /proc/self/exe: " + error.message()};
  return (program.parent_path().parent_path() / "share" / "squall" / "models").string();
}

}  // namespace squall::reference::server
