// The client of Redis, against a real Redis and Sentinel.
#include <gtest/gtest.h>

#include <csignal>

#include "base/files.h"
#include "tests/workload/harness.h"
#include "workload/query.h"
#include "workload/resp.h"

namespace squall {
namespace {

using testing_workload::ClientRun;
using testing_workload::find_server;
using testing_workload::Redis;

class RedisClient : public testing::Test {
 protected:
  void SetUp() override {
    const std::optional<std::string> program = find_server("redis-server");
    if (!program) GTEST_SKIP() << "no redis-server; './dev stacks' unpacks one";
    program_ = *program;
    redis_ = std::make_unique<Redis>(program_);
  }
  std::map<std::string, std::string> fixed(std::map<std::string, std::string> params) {
    params.insert({{"port", std::to_string(redis_->port)},
                   {"discover", "fixed"},
                   {"every", "0s"},
                   {"sentinel-port", std::to_string(testing_workload::free_port())}});
    return params;
  }
  RespValue ask(const std::vector<std::string>& words) {
    RespClient client({"127.0.0.1", redis_->port});
    return *client.command(words, system_clock().mono() + std::chrono::seconds(10));
  }
  std::string program_;
  std::unique_ptr<Redis> redis_{};
};

// The values that the last acknowledged read holds.
std::size_t members_of_last_read(const History& history) {
  std::size_t members = 0;
  for (OpIndex op = 0; op < history.size(); ++op) {
    if (history.functions().name(history.function()[op]) != "read") continue;
    if (history.outcome()[op] == Outcome::kOk) {
      members = history.values().as_list(history.value()[op]).size();
    }
  }
  return members;
}

TEST_F(RedisClient, ReadsAtTheEndEverythingThatWasAdded) {
  ClientRun run("redis", fixed({{"read-every", "50ms"}}), {0, 1});
  ASSERT_TRUE(run.run_until([&] { return run.count("add", Outcome::kOk) >= 200; }));
  ASSERT_TRUE(run.finish());
  EXPECT_EQ(run.totals().ok, run.totals().total());
  EXPECT_GE(run.count("read", Outcome::kOk), 2U);
  EXPECT_EQ(members_of_last_read(run.history()), run.count("add", Outcome::kOk));
}

TEST_F(RedisClient, CallsARefusalFail) {
  ClientRun run("redis", fixed({}), {0});
  ASSERT_TRUE(run.run_until([&] { return run.totals().ok > 0; }));
  ask({"CONFIG", "SET", "min-replicas-to-write", "1"});
  ASSERT_TRUE(run.run_until([&] { return run.count("add", Outcome::kFail, "NOREPLICAS") > 0; }));
  ask({"CONFIG", "SET", "min-replicas-to-write", "0"});
  ask({"REPLICAOF", "127.0.0.1", "1"});
  ASSERT_TRUE(run.run_until([&] { return run.count("add", Outcome::kFail, "READONLY") > 0; }));
  EXPECT_EQ(run.totals().info, 0U);
}

TEST_F(RedisClient, CallsAnAddToAStoppedServerInfoAndToADeadOneFail) {
  ClientRun run("redis", fixed({{"timeout", "100ms"}}), {0});
  ASSERT_TRUE(run.run_until([&] { return run.totals().ok > 0; }));
  redis_->server->child().signal(SIGSTOP);
  ASSERT_TRUE(run.run_until([&] { return run.count("add", Outcome::kInfo, "timed out") > 0; }));
  EXPECT_EQ(run.totals().fail, 0U);
  redis_->server->child().kill();
  ASSERT_TRUE(run.run_until([&] { return run.count("add", Outcome::kFail, "refused") > 0; }));
}

TEST_F(RedisClient, FindsThePrimaryThroughASentinel) {
  const Redis replica(program_, {"--replicaof", "127.0.0.1", std::to_string(redis_->port)});
  const testing_workload::TempDir folder;
  const std::string config = folder.path("sentinel.conf");
  ASSERT_TRUE(write_file(config, "sentinel monitor mymaster 127.0.0.1 " +
                                     std::to_string(redis_->port) + " 1\n")
                  .ok());
  const Redis sentinel(program_, {config, "--sentinel"});
  ClientRun run("redis",
                {{"every", "0s"},
                 {"sentinel-port", std::to_string(sentinel.port)},
                 {"port", std::to_string(replica.port)}},
                {0});
  ASSERT_TRUE(run.run_until([&] { return run.count("add", Outcome::kOk) >= 20; }));
  ASSERT_TRUE(run.finish());
  EXPECT_EQ(members_of_last_read(run.history()), run.count("add", Outcome::kOk));
}

TEST_F(RedisClient, AskLeaderMatchesTheRole) {
  LeaderSpec spec;
  spec.role = "cache";
  spec.redis = {"ROLE"};
  spec.port = redis_->port;
  spec.matches = "^master";
  EXPECT_TRUE(*ask_leader(spec, "127.0.0.1", -1, std::chrono::seconds(5)));
  ask({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_FALSE(*ask_leader(spec, "127.0.0.1", -1, std::chrono::seconds(5)));
  redis_->server->child().kill();
  const Result<bool> dead = ask_leader(spec, "127.0.0.1", -1, std::chrono::seconds(5));
  ASSERT_FALSE(dead.ok());
  EXPECT_EQ(dead.error().what, "ask 127.0.0.1 whether it leads cache: 127.0.0.1:" +
                                   std::to_string(spec.port) + ": connect: Connection refused");
}

}  // namespace
}  // namespace squall
