// An engine and a model server on one event loop, with a repository of their own.
#pragma once

#include <memory>
#include <string>

#include "reference/base/http_client.h"
#include "reference/base/log.h"
#include "reference/engine/engine_server.h"
#include "reference/server/model_server.h"
#include "tests/history/temporary_folder.h"

namespace squall::reference {

// Publishes a version of the recipe.
void publish(const std::string& repository, std::int64_t version, std::uint64_t seed = 1);

// {"inputs":[…]} with one row: the nonce and sixteen features that `scores_of` knows.
[[nodiscard]] std::string infer_body(std::int64_t nonce, const std::string& id = "");
// What version `version` of the recipe gives for them, nonce first.
[[nodiscard]] std::vector<double> scores_of(std::int64_t version, std::int64_t nonce,
                                            std::uint64_t seed = 1);

class ModelWorld {
 public:
  // Versions 1 and 2 are in the repository; nothing runs.
  ModelWorld();
  // Ends the server properly, so that gRPC can be destroyed.
  ~ModelWorld();
  ModelWorld(const ModelWorld&) = delete;
  ModelWorld& operator=(const ModelWorld&) = delete;

  void start_engine();
  void stop_engine() { engine_.reset(); }
  // With free ports and no waits; then runs the loop until the server is ready.
  void start_server(server::ModelServerPlan plan = {});
  void start() {
    start_engine();
    start_server();
  }
  void run_until_ready(bool is_ready);
  // Drains; the loop runs until it is done.
  void drain();
  // For a test that has drained it by itself.
  void drop_server() { server_.reset(); }

  [[nodiscard]] HttpOutcome get(const std::string& target);
  [[nodiscard]] HttpOutcome post(
      const std::string& target, const std::string& body,
      const std::vector<std::pair<std::string, std::string>>& headers = {});
  [[nodiscard]] HttpOutcome infer(std::int64_t nonce, const std::string& version = "");
  // A series' value in /metrics as text, "" where it is missing.
  [[nodiscard]] std::string metric(const std::string& series);

  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] HttpClient& client() { return client_; }
  [[nodiscard]] server::ModelServer& server() { return *server_; }
  [[nodiscard]] std::string repository() const { return folder_ / "models"; }
  [[nodiscard]] std::string socket() const { return folder_ / "engine.sock"; }

 private:
  TestFolder folder_;
  Loop loop_;
  Log log_;
  HttpClient client_;
  std::unique_ptr<EngineServer> engine_{};
  std::unique_ptr<server::ModelServer> server_{};
};

// The number of a JSON body's member, and its text; the test fails where it is another type.
[[nodiscard]] std::vector<double> data_of(const std::string& body);
[[nodiscard]] std::string member(const std::string& body, const std::string& name);

}  // namespace squall::reference
