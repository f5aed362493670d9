// The model server with a real engine, over HTTP: routes, versions, health, drain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/files.h"
#include "reference/models/repository_layout.h"
#include "reference/server/engine_client.h"
#include "tests/reference/base_loop_runner.h"
#include "tests/reference/model_world.h"

namespace squall::reference {
namespace {

using server::HealthMode;
using server::ModelServerPlan;
using testing::HasSubstr;

class ModelServerTest : public testing::Test {
 protected:
  ModelWorld world;
};

TEST_F(ModelServerTest, InfersWithTheVersionThatWasAskedFor) {
  world.start();
  for (const std::int64_t version : {1, 2}) {
    const HttpOutcome outcome = world.infer(16'777'215, std::to_string(version));
    ASSERT_TRUE(outcome.answer.ok()) << outcome.answer.error().what;
    EXPECT_EQ(outcome.answer->status, 200);
    EXPECT_EQ(outcome.answer->headers.get("x-model-version"), std::to_string(version));
    EXPECT_EQ(outcome.answer->headers.get("x-served-by"), "m1");
    const std::vector<double> data = data_of(outcome.answer->body);
    const std::vector<double> wanted = scores_of(version, 16'777'215);
    ASSERT_EQ(data.size(), wanted.size());
    EXPECT_EQ(data[0], 16'777'215.0);
    for (std::size_t at = 1; at < data.size(); ++at) EXPECT_NEAR(data[at], wanted[at], 1e-4);
  }
}

TEST_F(ModelServerTest, ChoosesTheHighestVersionAndEchoesTheId) {
  world.start();
  const HttpOutcome outcome =
      world.post("/v2/models/ranker/infer", infer_body(5, "call-7"), {{"x-request-id", "r-1"}});
  ASSERT_TRUE(outcome.answer.ok()) << outcome.answer.error().what;
  EXPECT_EQ(member(outcome.answer->body, "model_version"), "2");
  EXPECT_EQ(member(outcome.answer->body, "model_name"), "ranker");
  EXPECT_EQ(member(outcome.answer->body, "id"), "call-7");
  EXPECT_EQ(outcome.answer->headers.get("x-request-id"), "r-1");
}

TEST_F(ModelServerTest, ConcurrentCallsShareBatchesAndGetTheirOwnRows) {
  ModelServerPlan plan;
  plan.limits.delay = std::chrono::seconds(5);  // so that only a full batch goes
  world.start_engine();
  world.start_server(plan);
  std::size_t answered = 0;
  for (std::int64_t nonce = 1; nonce <= 16; ++nonce) {
    world.client().call(
        Endpoint{"127.0.0.1", world.server().http_port()},
        HttpRequest{
            .method = "POST", .target = "/v2/models/ranker/infer", .body = infer_body(nonce)},
        kTestLimit, [&, nonce](const HttpOutcome& outcome) {
          ASSERT_TRUE(outcome.answer.ok());
          EXPECT_EQ(data_of(outcome.answer->body).at(0), static_cast<double>(nonce));
          if (++answered == 16) world.loop().stop();
        });
  }
  run_until_stopped(world.loop());
  const std::string labels = "{model=\"ranker\",version=\"2\"}";
  EXPECT_EQ(world.metric("nv_inference_request_success" + labels), "16");
  EXPECT_EQ(world.metric("nv_inference_count" + labels), "16");
  EXPECT_EQ(world.metric("nv_inference_exec_count" + labels), "2");
  EXPECT_EQ(world.metric("nv_inference_pending_request_count" + labels), "0");
}

TEST_F(ModelServerTest, ACallWhoseDeadlineHasPassedIsNotComputed) {
  world.start();
  const HttpOutcome outcome =
      world.post("/v2/models/ranker/infer", infer_body(1), {{"x-request-deadline-ms", "0"}});
  ASSERT_TRUE(outcome.answer.ok());
  EXPECT_EQ(outcome.answer->status, 504);
  EXPECT_EQ(member(outcome.answer->body, "error"), "the request's deadline has passed");
  EXPECT_EQ(world.metric("nv_inference_exec_count{model=\"ranker\",version=\"2\"}"), "0");
  const HttpOutcome bad =
      world.post("/v2/models/ranker/infer", infer_body(1), {{"x-request-deadline-ms", "soon"}});
  EXPECT_EQ(bad.answer->status, 400);
}

TEST_F(ModelServerTest, AFullQueueRefusesWith503) {
  ModelServerPlan plan;
  plan.limits.queue = 1;
  plan.drain_limit = std::chrono::milliseconds(1);  // nobody waits for the first call's answer
  plan.limits.delay = std::chrono::seconds(5);
  world.start_engine();
  world.start_server(plan);
  const HttpRequest request{
      .method = "POST", .target = "/v2/models/ranker/infer", .body = infer_body(1)};
  const Endpoint server{"127.0.0.1", world.server().http_port()};
  const auto waiting = world.client().start(server, request, kTestLimit, [](const HttpOutcome&) {});
  const HttpOutcome refused = world.infer(2);
  ASSERT_TRUE(refused.answer.ok());
  EXPECT_EQ(refused.answer->status, 503);
  EXPECT_EQ(member(refused.answer->body, "error"), "the queue of ranker is full: 1 requests wait");
  EXPECT_EQ(world.metric(
                "nv_inference_request_failure{model=\"ranker\",version=\"2\",reason=\"REJECTED\"}"),
            "1");
}

TEST_F(ModelServerTest, AReplacedVersionIsServedAndABadReplacementIsNot) {
  world.start();
  const auto score = [&] {
    const HttpOutcome outcome = world.infer(1, "1");
    if (!outcome.answer.ok()) ADD_FAILURE() << outcome.answer.error().what;
    return outcome.answer.ok() ? data_of(outcome.answer->body).at(1) : 0.0;
  };
  const double before = score();
  publish(world.repository(), 1, 9);
  world.server().refresh();
  while (score() == before) continue;  // the old one serves until the new one is loaded
  const double replaced = score();
  EXPECT_NEAR(replaced, scores_of(1, 1, 9)[1], 1e-4);
  const std::string file = world.repository() + "/ranker/1/model.onnx";
  ASSERT_TRUE(write_file(file, "no model").ok());
  world.server().refresh();
  EXPECT_EQ(score(), replaced) << "the old one stays";
  EXPECT_EQ(world.metric("model_server_load_failures_total{model=\"ranker\",version=\"1\"}"), "1");
}

TEST_F(ModelServerTest, AVersionWithTheRightDigestThatIsNoModelIsNotServed) {
  const auto published = publish_version(world.repository(), "ranker", 3, "no model at all");
  ASSERT_TRUE(published.ok());
  world.start();
  const HttpOutcome outcome = world.infer(1, "3");
  EXPECT_EQ(outcome.answer->status, 503);
  EXPECT_EQ(member(outcome.answer->body, "error"), "version 3 of model 'ranker' is not ready");
  EXPECT_EQ(world.get("/v2/models/ranker/versions/3/ready").answer->status, 503);
  EXPECT_EQ(world.get("/v2/health/ready").answer->status, 200);
  EXPECT_EQ(member(world.infer(1).answer->body, "model_version"), "2");
}

TEST_F(ModelServerTest, ARemovedVersionIsNotFound) {
  world.start();
  std::filesystem::remove_all(world.repository() + "/ranker/1");
  world.server().refresh();
  const HttpOutcome outcome = world.infer(1, "1");
  EXPECT_EQ(outcome.answer->status, 404);
  EXPECT_THAT(member(outcome.answer->body, "error"),
              HasSubstr("model 'ranker' has no version '1'"));
}

TEST_F(ModelServerTest, TheEngineMayComeLateAndGoAndComeBack) {
  world.start_engine();
  world.start_server();
  world.stop_engine();
  world.run_until_ready(false);
  EXPECT_EQ(world.get("/v2/health/live").answer->status, 200);
  EXPECT_EQ(world.get("/v2/health/ready").answer->status, 503);
  const HttpOutcome away = world.infer(1);
  EXPECT_EQ(away.answer->status, 503);
  EXPECT_EQ(member(away.answer->body, "error"), "no version of model 'ranker' is ready");
  world.start_engine();
  world.run_until_ready(true);
  EXPECT_EQ(world.infer(1).answer->status, 200);
}

TEST_F(ModelServerTest, HealthByProcessStaysGoodWithoutAnEngine) {
  ModelServerPlan plan;
  plan.service.health = HealthMode::kProcess;
  world.start_engine();
  world.start_server(plan);
  world.stop_engine();
  while (world.infer(1).answer->status == 200) continue;  // until the server has noticed
  EXPECT_EQ(world.get("/v2/health/ready").answer->status, 200);
  EXPECT_EQ(world.get("/v2/models/ranker/ready").answer->status, 200);
}

TEST_F(ModelServerTest, DrainSaysNotReadyFirstAndFinishesWhatWasAdmitted) {
  ModelServerPlan plan;
  plan.limits.delay = std::chrono::milliseconds(200);
  world.start_engine();
  world.start_server(plan);
  const Endpoint at{"127.0.0.1", world.server().http_port()};
  std::optional<HttpOutcome> admitted;
  std::vector<std::string> events;
  world.client().call(
      at, HttpRequest{.method = "POST", .target = "/v2/models/ranker/infer", .body = infer_body(3)},
      kTestLimit, [&](HttpOutcome outcome) {
        admitted = std::move(outcome);
        events.emplace_back("admitted answered");
      });
  // Behind the inference on the loop: by now it was admitted.
  ASSERT_EQ(world.get("/v2/health/ready").answer->status, 200);
  ASSERT_FALSE(admitted);
  bool is_drained = false;
  world.server().begin_drain([&] {
    events.emplace_back("drained");
    is_drained = true;
  });
  const HttpOutcome ready = world.get("/v2/health/ready");
  ASSERT_TRUE(ready.answer.ok()) << ready.answer.error().what;
  EXPECT_EQ(ready.answer->status, 503);
  EXPECT_TRUE(ready.answer->is_last) << "Connection: close";
  EXPECT_EQ(world.get("/v2/health/live").answer->status, 200);
  const HttpOutcome late = world.infer(4);
  ASSERT_TRUE(late.answer.ok()) << late.answer.error().what;
  EXPECT_EQ(late.answer->status, 503);
  EXPECT_EQ(member(late.answer->body, "error"), "the server is draining");
  EXPECT_TRUE(late.answer->is_last);
  while (!is_drained) {
    world.loop().post([&] { world.loop().stop(); });
    world.loop().run();
  }
  world.drop_server();
  ASSERT_TRUE(admitted && admitted->answer.ok());
  EXPECT_EQ(admitted->answer->status, 200);
  EXPECT_EQ(data_of(admitted->answer->body).at(0), 3.0);
  EXPECT_THAT(events, testing::ElementsAre("admitted answered", "drained"));
}

// An engine that accepts and never answers, as one that is stopped does.
TEST(EngineThatHangs, IsNoProgress) {
  const TestFolder folder;
  Loop loop;
  boost::asio::local::stream_protocol::acceptor acceptor(
      loop.context(), boost::asio::local::stream_protocol::endpoint(folder / "e.sock"));
  bool was_connected = false;
  server::EngineClient client(loop, system_clock(),
                              {.path = folder / "e.sock",
                               .on_connected =
                                   [&] {
                                     was_connected = true;
                                     EXPECT_TRUE(client.makes_progress());
                                   },
                               .ping = std::chrono::milliseconds(1),
                               .progress = std::chrono::milliseconds(20)});
  Timer look(loop);
  std::function<void()> watch = [&] {
    if (was_connected && !client.makes_progress()) return loop.stop();
    look.after(std::chrono::milliseconds(1), watch);
  };
  watch();
  run_until_stopped(loop);
  EXPECT_TRUE(client.is_connected());
  EXPECT_FALSE(client.makes_progress());
}

}  // namespace
}  // namespace squall::reference
