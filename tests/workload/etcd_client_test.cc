// The clients of etcd, against a real etcd.
#include <gtest/gtest.h>

#include <csignal>
#include <set>

#include "tests/workload/harness.h"
#include "workload/query.h"

namespace squall {
namespace {

using testing_workload::ClientRun;
using testing_workload::Etcd;
using testing_workload::find_server;

class EtcdClient : public testing::Test {
 protected:
  void SetUp() override {
    const std::optional<std::string> program = find_server("etcd");
    if (!program) GTEST_SKIP() << "no etcd; './dev stacks' unpacks one, or set SQUALL_STACKS";
    etcd_ = std::make_unique<Etcd>(*program);
  }
  std::map<std::string, std::string> with_port(std::map<std::string, std::string> params) {
    params["port"] = std::to_string(etcd_->port);
    return params;
  }
  std::unique_ptr<Etcd> etcd_{};
};

TEST_F(EtcdClient, WritesUniqueValuesOnRotatingKeys) {
  ClientRun run("etcd", with_port({{"every", "0s"}, {"keys", "2"}, {"ops-per-key", "20"}}),
                {0, 1, 2, 3});
  ASSERT_TRUE(run.run_until([&] { return run.totals().total() >= 400; }));
  ASSERT_TRUE(run.finish());
  const OperationCounts totals = run.totals();
  EXPECT_EQ(totals.ok + totals.negative, totals.total());
  EXPECT_GT(run.count("read", Outcome::kOk), 50U);
  EXPECT_GT(run.count("write", Outcome::kOk), 50U);
  EXPECT_GT(run.count("cas", Outcome::kOk), 5U);

  const History& history = run.history();
  std::map<ValueId, int> operations_of_key;
  std::set<ValueId> written;
  for (OpIndex op = 0; op < history.size(); ++op) {
    ++operations_of_key[history.key()[op]];
    if (history.functions().name(history.function()[op]) == "write") {
      EXPECT_TRUE(written.insert(history.value()[op]).second) << history.describe(op);
    }
    EXPECT_GT(history.at(op).first_byte, history.at(op).sent);
    EXPECT_LE(history.at(op).first_byte, history.at(op).completed + 64);
  }
  EXPECT_GE(operations_of_key.size(), 20U);
  for (const auto& [key, operations] : operations_of_key) EXPECT_LE(operations, 20);
}

TEST_F(EtcdClient, CallsAWriteToAStoppedServerInfoAndAReadFail) {
  ClientRun run("etcd", with_port({{"every", "0s"}, {"timeout", "100ms"}, {"cas", "0%"}}), {0});
  ASSERT_TRUE(run.run_until([&] { return run.totals().ok >= 5; }));
  etcd_->server->child().signal(SIGSTOP);
  ASSERT_TRUE(run.run_until([&] {
    return run.count("write", Outcome::kInfo, "receive: timed out") > 0 &&
           run.count("read", Outcome::kFail, "receive: timed out") > 0;
  }));
  EXPECT_EQ(run.count("write", Outcome::kFail), 0U);
  EXPECT_EQ(run.count("read", Outcome::kInfo), 0U);
}

TEST_F(EtcdClient, CallsAWriteInfoWhoseServerWasKilledAfterItWasSent) {
  ClientRun run("etcd",
                with_port({{"every", "0s"}, {"timeout", "20s"}, {"reads", "0%"}, {"cas", "0%"}}),
                {0});
  ASSERT_TRUE(run.run_until([&] { return run.totals().ok >= 5; }));
  etcd_->server->child().signal(SIGSTOP);
  // An operation that is still under way after two looks was sent to the stopped server.
  std::uint64_t seen = 0;
  ASSERT_TRUE(run.run_until([&] {
    return run.builder().under_way() == 1 && std::exchange(seen, run.totals().total()) == seen;
  }));
  etcd_->server->child().kill();
  ASSERT_TRUE(run.run_until([&] { return run.totals().fail > 0; }));
  // One at least: a dying server's kernel may take another connection.
  EXPECT_GE(run.count("write", Outcome::kInfo), 1U);
  EXPECT_GT(run.count("write", Outcome::kFail, "Connection refused"), 0U);
  EXPECT_EQ(run.count("write", Outcome::kInfo, "timed out"), 0U);
}

TEST_F(EtcdClient, KeepsItsValuesUniqueAfterItWasKilledAndStartedAgain) {
  ClientRun run("etcd", with_port({{"every", "0s"}, {"reads", "0%"}, {"cas", "0%"}}), {7});
  ASSERT_TRUE(run.run_until([&] { return run.totals().ok >= 10; }));
  run.start_again();
  const std::uint64_t before = run.totals().ok;
  ASSERT_TRUE(run.run_until([&] { return run.totals().ok >= before + 50; }));
  ASSERT_TRUE(run.finish());
  std::set<ValueId> written;
  for (const ValueId value : run.history().value()) EXPECT_TRUE(written.insert(value).second);
}

TEST_F(EtcdClient, AskLeaderIsTrueOfTheOnlyMember) {
  LeaderSpec spec;
  spec.role = "registry";
  spec.http = "http://{ip}:" + std::to_string(etcd_->port) + "/v3/maintenance/status";
  spec.post = "{}";
  spec.same = {"leader", "header.member_id"};
  ASSERT_TRUE(testing_workload::eventually(
      [&] { return ask_leader(spec, "127.0.0.1", -1, std::chrono::seconds(5)).value_or(false); }));
  LeaderSpec other = spec;
  other.same = {"leader", "header.cluster_id"};
  EXPECT_FALSE(*ask_leader(other, "127.0.0.1", -1, std::chrono::seconds(5)));
}

// Two clients, since a lock's processes are operating-system processes.
class EtcdLock : public EtcdClient {
 protected:
  // The first holder is stopped until another has the lock and wrote; then it goes on.
  void pause_a_holder(ClientRun& first, ClientRun& second) {
    ASSERT_TRUE(first.run_until([&] { return !first.builder().holders("etcd-lock").empty(); }));
    first.child().signal(SIGSTOP);
    second.command(ClientCommand::kRun);
    ASSERT_TRUE(second.run_until([&] { return second.count("write", Outcome::kOk) > 0; }));
    first.drain();
    const std::size_t before = first.history().size();
    first.child().signal(SIGCONT);
    ASSERT_TRUE(first.run_until([&] { return first.history().size() >= before + 3; }));
  }
  std::map<std::string, std::string> params(const std::string& guard) {
    return with_port({{"guard", guard}, {"lease", "1s"}, {"hold", "3s"}, {"timeout", "5s"}});
  }
};

TEST_F(EtcdLock, AHolderThatWasPausedWritesOnWithoutAGuard) {
  ClientRun first("etcd-lock", params("none"), {0});
  ASSERT_TRUE(first.run_until([&] { return first.count("write", Outcome::kOk) > 0; }));
  ClientRun second("etcd-lock", params("none"), {1});
  const std::size_t before = first.count("write", Outcome::kOk);
  pause_a_holder(first, second);
  EXPECT_GE(first.count("write", Outcome::kOk), before + 2);
  EXPECT_EQ(first.builder().holders("etcd-lock").size(), 1U);
  EXPECT_EQ(second.builder().holders("etcd-lock").size(), 1U);
  EXPECT_GT(second.count("acquire", Outcome::kFail, "answer: held"), 0U);
  EXPECT_NE(first.output().find("acquired lock=lock process=0 revision="), std::string::npos);
}

TEST_F(EtcdLock, AGuardFencesTheHolderThatWasPaused) {
  ClientRun first("etcd-lock", params("revision"), {0});
  ASSERT_TRUE(first.run_until([&] { return first.count("write", Outcome::kOk) > 0; }));
  ClientRun second("etcd-lock", params("revision"), {1});
  pause_a_holder(first, second);
  ASSERT_TRUE(first.run_until([&] { return first.builder().holders("etcd-lock").empty(); }));
  EXPECT_EQ(first.count("write", Outcome::kFail, "answer: fenced"), 1U);
  EXPECT_EQ(first.count("release", Outcome::kFail, "answer: lost"), 1U);
  ASSERT_TRUE(second.finish());
  EXPECT_EQ(second.count("write", Outcome::kFail), 0U);
}

}  // namespace
}  // namespace squall
