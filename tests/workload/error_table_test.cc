// The error tables of docs/clients.md, and the codecs below them.
#include <gtest/gtest.h>

#include <map>

#include "workload/base64.h"
#include "workload/etcd_api.h"
#include "workload/key_rotation.h"
#include "workload/redis_api.h"

namespace squall {
namespace {

std::string to_text(const Answer& answer) {
  constexpr const char* kNames[] = {"invoke", "ok", "fail", "info"};
  return kNames[static_cast<int>(answer.kind)] + (": " + answer.error);
}

std::string etcd_error(int code, const std::string& text, HasEffect effect = HasEffect::kTrue) {
  const std::string body =
      R"({"error":")" + text + R"(","code":)" + std::to_string(code) + R"(,"message":"…"})";
  return to_text(etcd::error_answer({503, body}, effect));
}

TEST(EtcdErrors, AreFailOnlyWhereNothingCanHaveHappened) {
  EXPECT_EQ(etcd_error(14, "etcdserver: request timed out"), "info: etcdserver: request timed out");
  EXPECT_EQ(etcd_error(14, "etcdserver: leader changed"), "info: etcdserver: leader changed");
  EXPECT_EQ(etcd_error(14, "etcdserver: no leader"), "info: etcdserver: no leader");
  EXPECT_EQ(etcd_error(2, "raft proposal dropped"), "info: raft proposal dropped");
  EXPECT_EQ(etcd_error(4, "context deadline exceeded"), "info: context deadline exceeded");
  EXPECT_EQ(etcd_error(8, "etcdserver: too many requests"), "fail: etcdserver: too many requests");
  EXPECT_EQ(etcd_error(3, "etcdserver: key is not provided"),
            "fail: etcdserver: key is not provided");
  EXPECT_EQ(etcd_error(5, "etcdserver: requested lease not found"),
            "fail: etcdserver: requested lease not found");
  EXPECT_EQ(etcd_error(14, "etcdserver: request timed out", HasEffect::kFalse),
            "fail: etcdserver: request timed out");
  EXPECT_EQ(to_text(etcd::error_answer({404, "Not Found"}, HasEffect::kTrue)), "fail: HTTP 404");
  EXPECT_EQ(to_text(etcd::error_answer({502, "<html>"}, HasEffect::kTrue)), "info: HTTP 502");
}

TEST(EtcdAnswers, AreReadOrRejected) {
  EXPECT_EQ(**etcd::read_value(R"({"header":{},"kvs":[{"key":"YQ==","value":"Nw=="}]})"), "7");
  EXPECT_FALSE(*etcd::read_value(R"({"header":{"revision":"1"}})"));
  EXPECT_FALSE(etcd::read_value("{}").ok());
  EXPECT_FALSE(etcd::read_value(R"({"header":{},"kvs":[{"value":"?"}]})").ok());
  EXPECT_EQ(etcd::read_txn(R"({"header":{"revision":"9"},"succeeded":true})")->revision, 9);
  EXPECT_FALSE(etcd::read_txn(R"({"header":{"revision":"9"}})")->is_done);
  EXPECT_FALSE(etcd::read_txn(R"({"header":{"revision":"x"}})").ok());
  EXPECT_EQ(*etcd::read_keep_lease(R"({"result":{"ID":"5"}})"), 0);
}

TEST(RedisErrors, AreFailWhereRedisRefuses) {
  EXPECT_EQ(to_text(redis::error_answer("READONLY You can't write against a read only replica.")),
            "fail: READONLY You can't write against a read only replica.");
  for (const char* error : {"NOREPLICAS x", "LOADING x", "MASTERDOWN x", "OOM x", "MISCONF x",
                            "ERR unknown command 'SADD'"}) {
    EXPECT_EQ(to_text(redis::error_answer(error)), std::string("fail: ") + error);
  }
  EXPECT_EQ(to_text(redis::error_answer("ERR something")), "info: ERR something");
  EXPECT_EQ(to_text(redis::error_answer("READONLYISH")), "info: READONLYISH");
}

TEST(RedisVotes, NeedMoreThanHalf) {
  const SocketAddress a{"198.18.0.2", 1};
  const SocketAddress b{"198.18.0.3", 1};
  EXPECT_EQ(redis::elect({a, b, b}, 3), b);
  EXPECT_EQ(redis::elect({a, b}, 2), std::nullopt);
  EXPECT_EQ(redis::elect({}, 0), std::nullopt);
}

TEST(NoAnswer, IsFailOnlyIfNothingWasSentOrNothingCouldHappen) {
  const Error error{Errc::kTimeout, "late"};
  const ExchangeTimes sent{.sent = MonoTime{Duration(1)}};
  EXPECT_EQ(to_text(no_answer(error, {}, HasEffect::kTrue)), "fail: late");
  EXPECT_EQ(to_text(no_answer(error, sent, HasEffect::kTrue)), "info: late");
  EXPECT_EQ(to_text(no_answer(error, sent, HasEffect::kFalse)), "fail: late");
}

TEST(Base64, RoundTrips) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("a"), "YQ==");
  EXPECT_EQ(to_base64("ab"), "YWI=");
  EXPECT_EQ(to_base64("abcabc"), "YWJjYWJj");
  for (const std::string text : {"", "a", "ab", "abc", "abcd", "\xff\x80\x01"}) {
    EXPECT_EQ(from_base64(to_base64(text)), text);
  }
  EXPECT_FALSE(from_base64("Zg="));
  EXPECT_FALSE(from_base64("Z!=="));
}

TEST(KeyRotation, NoKeyGetsMoreThanItsOperations) {
  std::map<std::int64_t, int> operations;
  for (std::int64_t process = 0; process < 3; ++process) {
    KeyRotation rotation({.keys = 2, .operations_per_key = 10, .processes = 3}, process);
    for (int i = 0; i < 60; ++i) ++operations[rotation.next()];
  }
  EXPECT_EQ(operations.size(), 20U);
  for (const auto& [key, count] : operations) EXPECT_EQ(count, 9);
}

}  // namespace
}  // namespace squall
