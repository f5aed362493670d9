// The gateway beside its requests: start, the registry's news, time, drain.
#include "reference/gateway/gateway.h"

#include <utility>

namespace squall::reference {
namespace {

// Ejections end and configurations become active within this time.
constexpr Duration kTick = std::chrono::milliseconds(20);

}  // namespace

Gateway::Gateway(Loop& loop, const Clock& clock, Log& log, const GatewayOptions& options)
    : loop_(loop),
      clock_(clock),
      log_(log),
      options_(options),
      rng_(seed_from_kernel()),
      client_(loop),
      replicas_(loop, clock, options_, [this](const OutlierEvent& event) { on_outlier(event); }),
      budget_(options_.retry_ratio, options_.retries_per_second),
      tick_(loop),
      drain_(loop) {}

Result<std::unique_ptr<Gateway>> Gateway::start(Loop& loop, const Clock& clock, Log& log,
                                                const GatewayOptions& options) {
  std::unique_ptr<Gateway> gateway(new Gateway(loop, clock, log, options));
  (void)TRY(gateway->listen());
  gateway->tick();
  return gateway;
}

Result<> Gateway::listen() {
  http_ = TRY(HttpServer::listen(
      loop_, clock_, {options_.listen, options_.http_port},
      [this](HttpRequest request, const HttpReply& reply) { handle(std::move(request), reply); }));
  metrics_server_ = TRY(
      HttpServer::listen(loop_, clock_, {options_.listen, options_.metrics_port},
                         [this](const HttpRequest& request, const HttpReply& reply) {
                           if (path_of(request.target) != "/metrics") {
                             return reply({.status = 404});
                           }
                           HttpResponse response{.body = metrics_.text()};
                           response.headers.add("content-type", std::string(kMetricsContentType));
                           reply(std::move(response));
                         }));
  return {};
}

void Gateway::tick() {
  replicas_.tick();
  for (auto& [name, model] : models_) advance(name, model);
  tick_.after(kTick, [this] { tick(); });
}

const ModelConfig* Gateway::active(const std::string& model) {
  const auto found = models_.find(model);
  if (found == models_.end()) return nullptr;
  // Not only at the tick: the wall clock may have jumped a moment ago.
  advance(found->first, found->second);
  return found->second.activation.active();
}

void Gateway::advance(const std::string& name, Model& model) {
  const auto config = model.activation.advance(clock_.wall());
  if (!config) return;
  metrics_.set_epoch(name, config->epoch);
  log_.info("activated", {{"model", name},
                          {"epoch", config->epoch},
                          {"stable", config->stable},
                          {"canary", config->canary},
                          {"canary_percent", config->canary_percent},
                          {"activate_unix_ms", config->activate.ns() / 1'000'000}});
}

void Gateway::apply_config(const std::string& name, const etcd::KeyValue& item) {
  Model& model = models_.try_emplace(name, options_.activation).first->second;
  const Result<ModelConfig> config = parse_model_config(item.value);
  if (!config.ok()) {
    if (std::exchange(model.bad_revision, item.mod_revision) != item.mod_revision) {
      log_.error("bad-config", {{"model", name}, {"why", config.error().what}});
    }
    return;
  }
  const auto offer = model.activation.offer(*config);
  if (offer == ActivationCore::Offer::kOld) {
    log_.warning("old-config", {{"model", name}, {"epoch", config->epoch}});
  }
  if (offer == ActivationCore::Offer::kTaken) {
    log_.info("config", {{"model", name},
                         {"epoch", config->epoch},
                         {"revision", item.mod_revision},
                         {"activate_unix_ms", config->activate.ns() / 1'000'000}});
    advance(name, model);
  }
}

void Gateway::apply(const RegistryState& state) {
  metrics_.set_registry_revision(state.revision());
  std::map<std::string, ReplicaRecord> records;
  for (const auto& [text, item] : state.items()) {
    const RegistryKey key = parse_registry_key(text);
    if (!key.model.empty()) apply_config(key.model, item);
    if (key.replica.empty()) continue;
    Result<ReplicaRecord> record = parse_replica(key.replica, item.value);
    if (record.ok()) {
      records.insert_or_assign(key.replica, std::move(record).value());
      continue;
    }
    if (std::exchange(bad_replicas_[key.replica], item.mod_revision) != item.mod_revision) {
      log_.error("bad-replica", {{"replica", key.replica}, {"why", record.error().what}});
    }
    const auto good = records_.find(key.replica);
    if (good != records_.end()) records.insert(*good);
  }
  for (const auto& [name, record] : records) {
    if (!records_.contains(name)) {
      log_.info("replica-joined", {{"replica", name}, {"http", to_text(record.http)}});
    }
  }
  for (const auto& [name, record] : records_) {
    if (records.contains(name)) continue;
    log_.info("replica-left", {{"replica", name}});
    client_.forget(record.http);
    metrics_.set_available(name, false);
  }
  records_ = std::move(records);
  std::vector<ReplicaRecord> wanted;
  for (const auto& [name, record] : records_) wanted.push_back(record);
  replicas_.apply(wanted);
}

void Gateway::on_outlier(const OutlierEvent& event) {
  metrics_.set_available(event.replica, replicas_.is_available(event.replica));
  if (event.kind == OutlierEventKind::kEjected) metrics_.on_ejection(event.replica, event.why);
  const auto length = duration_cast<std::chrono::milliseconds>(event.length);
  // A replica that would be ejected if it were not one too many fails again and again.
  if (event.kind == OutlierEventKind::kSpared && !log_limit_.allows(clock_.mono())) return;
  log_.info(to_text(event.kind), {{"replica", event.replica},
                                  {"why", event.why},
                                  {"length_ms", std::int64_t{length.count()}}});
}

void Gateway::drain(std::function<void()> done) {
  if (is_draining_) return;
  is_draining_ = true;
  log_.info("draining");
  http_->begin_drain();
  drain_.after(options_.drain_wait, [this, done = std::move(done)] {
    drain_.after(options_.drain_limit, [this, done] {
      log_.warning("drain-cut-off", {{"in_flight", static_cast<std::int64_t>(in_flight_)}});
      done();
    });
    http_->finish([this, done] {
      drain_.cancel();
      log_.info("drained");
      done();
    });
  });
}

}  // namespace squall::reference
