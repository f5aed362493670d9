// etcd's JSON as text, the state that follows from it, and the registry's values.
#include <gtest/gtest.h>

#include "reference/registry/base64.h"
#include "reference/registry/etcd_messages.h"
#include "reference/registry/records.h"
#include "reference/registry/registry_state.h"

namespace squall::reference {
namespace {

TEST(Base64, ReadsBackWhatItWrote) {
  // RFC 4648, section 10.
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  std::string bytes;
  for (int i = 0; i < 600; ++i) {
    bytes += static_cast<char>(i * 7);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
  EXPECT_EQ(from_base64("Zg="), std::nullopt);
  EXPECT_EQ(from_base64("Z*=="), std::nullopt);
}

TEST(EtcdMessages, RequestsAreWhatEtcdReads) {
  using etcd::ReadMode;
  EXPECT_EQ(etcd::range_prefix("/a/", ReadMode::kSerializable).body,
            R"({"key":"L2Ev","range_end":"L2Ew","serializable":true})");
  EXPECT_EQ(etcd::range("a", ReadMode::kLinearizable).body, R"({"key":"YQ=="})");
  EXPECT_EQ(etcd::put("a", "b", 7).body, R"({"key":"YQ==","lease":"7","value":"Yg=="})");
  EXPECT_EQ(etcd::grant_lease(std::chrono::milliseconds(2500)).body, R"({"TTL":"3"})");
  const EtcdPost linearizable = etcd::watch_prefix("/a/", 5, ReadMode::kLinearizable);
  EXPECT_EQ(linearizable.body,
            R"({"create_request":{"key":"L2Ev","range_end":"L2Ew","start_revision":"5"}})");
  ASSERT_EQ(linearizable.headers.size(), 1U);
  EXPECT_EQ(linearizable.headers[0].first, "Grpc-Metadata-hasleader");
  EXPECT_TRUE(etcd::watch_prefix("/a/", 5, ReadMode::kSerializable).headers.empty());
}

TEST(EtcdMessages, AWatchLineIsChangesOrAnEnd) {
  const auto message = etcd::read_watch_line(
      R"({"result":{"header":{"revision":"9"},"events":[
          {"kv":{"key":"YQ==","value":"Yg==","mod_revision":"8"}},
          {"type":"DELETE","kv":{"key":"Yw==","mod_revision":"9"}}]}})");
  ASSERT_TRUE(message.ok()) << message.error().what;
  EXPECT_EQ(message->changes, (std::vector<etcd::Change>{{"a", "b", 8}, {"c", std::nullopt, 9}}));
  const auto compacted = etcd::read_watch_line(
      R"({"result":{"header":{"revision":"9"},"canceled":true,"compact_revision":"7"}})");
  ASSERT_TRUE(compacted.ok());
  EXPECT_EQ(compacted->compacted, 7);
  EXPECT_TRUE(compacted->is_cancelled);
  const auto error = etcd::read_watch_line(R"({"error":{"message":"etcdserver: no leader"}})");
  ASSERT_TRUE(error.ok());
  EXPECT_TRUE(error->is_cancelled);
  EXPECT_EQ(error->why, "etcdserver: no leader");
  EXPECT_FALSE(etcd::read_watch_line("<html>").ok());
  EXPECT_FALSE(etcd::read_watch_line(R"({"result":{"header":{"revision":"x"}}})").ok());
}

TEST(RegistryState, GoesForwardOnly) {
  RegistryState state;
  EXPECT_TRUE(state.apply(etcd::RangeReply{.revision = 5, .items = {{"a", "1", 3}}}));
  // What the snapshot had seen already.
  EXPECT_FALSE(state.apply(etcd::WatchMessage{.revision = 5, .changes = {{"a", "0", 2}}, .why{}}));
  EXPECT_TRUE(state.apply(etcd::WatchMessage{
      .revision = 7, .changes = {{"a", std::nullopt, 6}, {"b", "2", 7}}, .why{}}));
  EXPECT_EQ(state.revision(), 7);
  // A member that is behind.
  EXPECT_FALSE(state.apply(etcd::RangeReply{.revision = 6, .items = {{"a", "1", 3}}}));
  ASSERT_EQ(state.items().size(), 1U);
  EXPECT_EQ(state.items().begin()->second, (etcd::KeyValue{"b", "2", 7}));
  EXPECT_FALSE(state.apply(etcd::RangeReply{.revision = 8, .items = {{"b", "2", 7}}}));
  EXPECT_EQ(state.revision(), 8);
}

TEST(RegistryState, AnEmptyRegistryIsNewsOnce) {
  RegistryState state;
  EXPECT_TRUE(state.apply(etcd::RangeReply{.revision = 1, .items{}}));
  EXPECT_FALSE(state.apply(etcd::RangeReply{.revision = 1, .items{}}));
}

TEST(LineSplitter, CutsWhereLinesEndAndRefusesEndlessOnes) {
  LineSplitter lines;
  ASSERT_TRUE(lines.add("ab").ok());
  EXPECT_EQ(lines.next(), std::nullopt);
  ASSERT_TRUE(lines.add("c\n\nd").ok());
  EXPECT_EQ(lines.next(), "abc");
  EXPECT_EQ(lines.next(), "");
  EXPECT_EQ(lines.next(), std::nullopt);
  EXPECT_FALSE(lines.add(std::string(LineSplitter::kMaxLine, 'x')).ok());
}

TEST(Records, AConfigurationReadsBack) {
  const ModelConfig config{.epoch = 3,
                           .stable = "1",
                           .canary = "2",
                           .canary_percent = 12.5,
                           .activate = {std::chrono::milliseconds(1'700'000'000'123)}};
  const Result<ModelConfig> read = parse_model_config(to_json(config));
  ASSERT_TRUE(read.ok()) << read.error().what;
  EXPECT_EQ(*read, config);
}

TEST(Records, AWrongConfigurationSaysWhatIsWrong) {
  const auto error = [](std::string_view text) {
    const auto read = parse_model_config(text);
    return read.ok() ? std::string("fine") : read.error().what;
  };
  EXPECT_EQ(error(R"({"epoch":1,"stable":"1"})"), "fine");
  EXPECT_EQ(error("{"), "configuration of a model: '{…}' is missing or wrong in '{'");
  EXPECT_EQ(
      error(R"({"epoch":0,"stable":"1"})"),
      R"(configuration of a model: 'epoch' is missing or wrong in '{"epoch":0,"stable":"1"}')");
  EXPECT_NE(error(R"({"epoch":1})"), "fine");
  EXPECT_NE(error(R"({"epoch":1,"stable":"1","canary_percent":5})"), "fine");
  EXPECT_NE(error(R"({"epoch":1,"stable":"1","canary":"2","canary_percent":101})"), "fine");
}

TEST(Records, AReplicaSaysWhereItIsAndWhatItHas) {
  const auto replica =
      parse_replica("m1", R"({"http":"10.0.0.1:8000","grpc":"10.0.0.1:8001","region":"eu",
                "models":{"ranker":["1","2"]}})");
  ASSERT_TRUE(replica.ok()) << replica.error().what;
  EXPECT_EQ(to_text(replica->http), "10.0.0.1:8000");
  EXPECT_TRUE(replica->has("ranker", "2"));
  EXPECT_FALSE(replica->has("ranker", "3"));
  EXPECT_FALSE(replica->has("other", "1"));
  EXPECT_FALSE(parse_replica("m1", R"({"http":"nowhere","models":{}})").ok());
  EXPECT_FALSE(parse_replica("m1", R"({"http":"10.0.0.1:1","models":{"a":[1]}})").ok());
}

TEST(Records, KeysNameModelsAndReplicas) {
  EXPECT_EQ(parse_registry_key(config_key("ranker")), (RegistryKey{"ranker", ""}));
  EXPECT_EQ(parse_registry_key("/squall-ref/replicas/m1"), (RegistryKey{"", "m1"}));
  EXPECT_EQ(parse_registry_key("/squall-ref/models//config"), RegistryKey{});
  EXPECT_EQ(parse_registry_key("/squall-ref/models/config"), RegistryKey{});
  EXPECT_EQ(parse_registry_key("/elsewhere/replicas/m1"), RegistryKey{});
}

}  // namespace
}  // namespace squall::reference
