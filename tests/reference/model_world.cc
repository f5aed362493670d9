// Starts and ends the parts, and reads their answers.
#include "tests/reference/model_world.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reference/models/ranker.h"
#include "reference/models/repository_layout.h"
#include "tests/reference/base_loop_runner.h"

namespace squall::reference {
namespace {

double feature(std::size_t column) {
  return static_cast<double>(column) / 8.0 - 1.0;
}

}  // namespace

void publish(const std::string& repository, std::int64_t version, std::uint64_t seed) {
  const auto published =
      publish_version(repository, "ranker", version, to_onnx(make_ranker(seed, version), version));
  ASSERT_TRUE(published.ok()) << published.error().what;
}

std::string infer_body(std::int64_t nonce, const std::string& id) {
  nlohmann::json data = {nonce};
  for (std::size_t column = 1; column < 17; ++column) data.push_back(feature(column));
  nlohmann::json body = {
      {"inputs",
       {{{"name", "features"}, {"datatype", "FP32"}, {"shape", {1, 17}}, {"data", data}}}}};
  if (!id.empty()) body["id"] = id;
  return body.dump();
}

std::vector<double> scores_of(std::int64_t version, std::int64_t nonce, std::uint64_t seed) {
  std::vector<double> features = {static_cast<double>(nonce)};
  for (std::size_t column = 1; column < 17; ++column) features.push_back(feature(column));
  return evaluate(make_ranker(seed, version), features);
}

ModelWorld::ModelWorld() : log_(system_clock(), "", "", LogLevel::kInfo, -1), client_(loop_) {
  publish(repository(), 1);
  publish(repository(), 2);
}

ModelWorld::~ModelWorld() {
  if (server_) drain();
}

void ModelWorld::start_engine() {
  auto engine = EngineServer::listen(loop_, system_clock(), socket(), log_);
  ASSERT_TRUE(engine.ok()) << engine.error().what;
  engine_ = std::move(engine).value();
}

void ModelWorld::start_server(server::ModelServerPlan plan) {
  plan.http_port = plan.grpc_port = plan.metrics_port = 0;
  plan.engine = socket();
  plan.repository = repository();
  plan.service.name = "m1";
  plan.service.max_batch = plan.limits.max_batch;
  plan.drain_wait = Duration(0);
  auto started = server::ModelServer::start(loop_, system_clock(), log_, plan);
  ASSERT_TRUE(started.ok()) << started.error().what;
  server_ = std::move(started).value();
  run_until_ready(true);
}

void ModelWorld::run_until_ready(bool is_ready) {
  if (server_->is_ready() == is_ready) return;
  server_->on_ready_change([this, is_ready](bool now) {
    if (now == is_ready) loop_.stop();
  });
  run_until_stopped(loop_);
  server_->on_ready_change(nullptr);
}

void ModelWorld::drain() {
  server_->begin_drain([this] { loop_.stop(); });
  run_until_stopped(loop_);
  server_.reset();
}

HttpOutcome ModelWorld::get(const std::string& target) {
  return exchange(loop_, client_, server_->http_port(), HttpRequest{.target = target});
}

HttpOutcome ModelWorld::post(const std::string& target, const std::string& body,
                             const std::vector<std::pair<std::string, std::string>>& headers) {
  HttpRequest request{.method = "POST", .target = target, .body = body};
  for (const auto& [name, value] : headers) request.headers.add(name, value);
  return exchange(loop_, client_, server_->http_port(), request);
}

HttpOutcome ModelWorld::infer(std::int64_t nonce, const std::string& version) {
  const std::string path = version.empty() ? "" : "/versions/" + version;
  return post("/v2/models/ranker" + path + "/infer", infer_body(nonce));
}

std::string ModelWorld::metric(const std::string& series) {
  const HttpOutcome outcome =
      exchange(loop_, client_, server_->metrics_port(), HttpRequest{.target = "/metrics"});
  if (!outcome.answer.ok()) return outcome.answer.error().what;
  const std::string& text = outcome.answer->body;
  const std::size_t at = text.find("\n" + series + " ");
  if (at == std::string::npos) return "";
  const std::size_t value = at + series.size() + 2;
  return text.substr(value, text.find('\n', value) - value);
}

std::vector<double> data_of(const std::string& body) {
  const nlohmann::json json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_discarded() || !json.contains("outputs")) {
    ADD_FAILURE() << "no outputs: " << body;
    return {};
  }
  return json["outputs"].at(0).at("data").get<std::vector<double>>();
}

std::string member(const std::string& body, const std::string& name) {
  const nlohmann::json json = nlohmann::json::parse(body, nullptr, false);
  const bool is_text = json.is_object() && json.contains(name) && json[name].is_string();
  if (!is_text) ADD_FAILURE() << "no text '" << name << "': " << body;
  return is_text ? json[name].get<std::string>() : "";
}

}  // namespace squall::reference
