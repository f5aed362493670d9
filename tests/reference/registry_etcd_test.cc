// The registry's client, registration, watch and rollout against a real etcd.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "reference/registry/etcd_client.h"
#include "reference/registry/registration.h"
#include "reference/registry/registry_watch.h"
#include "reference/rollout/publisher.h"
#include "tests/reference/registry_etcd.h"

namespace squall::reference {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

MonoTime soon() {
  return system_clock().mono() + seconds(20);
}

// What another thread tells, and a wait for it.
template <typename Value>
class Inbox {
 public:
  void put(Value value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
    changed_.notify_all();
  }
  // Whether one that fits is there within half a minute.
  template <typename Fits>
  bool wait_for(const Fits& fits) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(30), [&] {
      for (const Value& value : values_) {
        if (fits(value)) return true;
      }
      return false;
    });
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    values_.clear();
  }

 private:
  std::mutex mutex_{};
  std::condition_variable changed_{};
  std::vector<Value> values_{};
};

using State = std::shared_ptr<const RegistryState>;

auto holds(const std::string& key, const std::string& value) {
  return [=](const State& state) {
    const auto found = state->items().find(key);
    return found != state->items().end() && found->second.value == value;
  };
}
auto lacks(const std::string& key) {
  return [=](const State& state) { return !state->items().contains(key); };
}

class Registry : public testing::Test {
 protected:
  void SetUp() override {
    const auto program = find_etcd();
    if (!program) GTEST_SKIP() << "no etcd; './dev stacks' unpacks one, or set SQUALL_STACKS";
    etcd_ = std::make_unique<TestEtcd>(*program);
    client_ = std::make_unique<EtcdClient>(members());
    // etcd refuses until it has elected itself.
    while (system_clock().mono() < limit_) {
      if (client_->put({"ready", "1"}, 0, system_clock().mono() + milliseconds(500)).ok()) return;
    }
    FAIL() << "etcd did not start";
  }
  std::vector<Endpoint> members() const { return {etcd_->endpoint()}; }

  std::unique_ptr<TestEtcd> etcd_;
  std::unique_ptr<EtcdClient> client_;
  MonoTime limit_ = soon();
};

TEST_F(Registry, WritesOnlyOverWhatWasRead) {
  const auto first = client_->put_if_unchanged({"/k", "1", 0}, soon());
  ASSERT_TRUE(first.ok()) << first.error().what;
  EXPECT_TRUE(*first);
  EXPECT_EQ(client_->put_if_unchanged({"/k", "2", 0}, soon()).value_or(true), false);
  const auto read = client_->read("/k", etcd::ReadMode::kLinearizable, soon());
  ASSERT_TRUE(read.ok()) << read.error().what;
  ASSERT_EQ(read->items.size(), 1U);
  EXPECT_EQ(read->items[0].value, "1");
  EXPECT_TRUE(
      client_->put_if_unchanged({"/k", "2", read->items[0].mod_revision}, soon()).value_or(false));
}

TEST_F(Registry, AMemberThatIsNotThereIsLeft) {
  EtcdClient client({{"127.0.0.1", free_port()}, etcd_->endpoint()});
  const auto read = client.read_prefix("/", etcd::ReadMode::kSerializable, soon());
  ASSERT_TRUE(read.ok()) << read.error().what;
  EXPECT_EQ(client.current(), etcd_->endpoint());
}

TEST_F(Registry, AMemberThatHangsIsLeftWithinItsShareOfTheTime) {
  const TestEtcd hanging(*find_etcd());
  hanging.pause(true);
  EtcdClient client({hanging.endpoint(), etcd_->endpoint()});
  const auto read =
      client.read_prefix("/", etcd::ReadMode::kLinearizable, system_clock().mono() + seconds(4));
  ASSERT_TRUE(read.ok()) << read.error().what;
  EXPECT_EQ(client.current(), etcd_->endpoint());
}

TEST_F(Registry, ARegistrationLivesAsLongAsItsOwner) {
  Inbox<RegistrationEvent> events;
  const auto read = [&] {
    const auto reply = client_->read("/replica", etcd::ReadMode::kLinearizable, soon());
    return reply.ok() && !reply->items.empty() ? reply->items[0].value : std::string();
  };
  const auto is = [](RegistrationEvent wanted) {
    return [=](RegistrationEvent event) { return event == wanted; };
  };
  {
    Registration registration(
        {.registry = members(),
         .key = "/replica",
         .value = "old",
         .on_event = [&](RegistrationEvent event, const std::string&) { events.put(event); }});
    ASSERT_TRUE(events.wait_for(is(RegistrationEvent::kRegistered)));
    EXPECT_EQ(read(), "old");
    registration.update("new");
    ASSERT_TRUE(events.wait_for(is(RegistrationEvent::kUpdated)));
    EXPECT_EQ(read(), "new");
  }
  EXPECT_EQ(read(), "");
}

TEST_F(Registry, ARegistrationWhoseLeaseIsGoneComesBack) {
  Inbox<RegistrationEvent> events;
  const Registration registration(
      {.registry = members(),
       .key = "/replica",
       .value = "v",
       .time_to_live = milliseconds(900),
       .on_event = [&](RegistrationEvent event, const std::string&) { events.put(event); }});
  const auto is_registered = [](auto event) { return event == RegistrationEvent::kRegistered; };
  ASSERT_TRUE(events.wait_for(is_registered));
  events.clear();
  // Somebody revokes all leases that may be ours: the key's own says which.
  EtcdConnection raw(etcd_->endpoint());
  const auto leases = raw.exchange({.target = "/v3/lease/leases", .body = "{}"}, soon());
  ASSERT_TRUE(leases.ok()) << leases.error().what;
  const std::size_t at = leases->body.find("\"ID\":\"");
  ASSERT_NE(at, std::string::npos) << leases->body;
  ASSERT_TRUE(client_->revoke_lease(std::stoll(leases->body.substr(at + 6)), soon()).ok());
  EXPECT_TRUE(events.wait_for([](auto event) { return event == RegistrationEvent::kExpired; }));
  EXPECT_TRUE(events.wait_for(is_registered));
}

class Watch : public Registry {
 protected:
  // Checks as rarely as said, so that news can only come by the watch.
  std::unique_ptr<RegistryWatch> watch(Duration check_period) {
    return std::make_unique<RegistryWatch>(RegistryWatchPlan{
        .registry = members(),
        .prefix = "/squall-ref/",
        .check_period = check_period,
        .on_state = [this](State state) { states_.put(std::move(state)); },
        .on_event = [this](WatchEvent event, const std::string&) { events_.put(event); }});
  }
  bool wait_for(WatchEvent wanted) {
    return events_.wait_for([=](WatchEvent event) { return event == wanted; });
  }
  Inbox<State> states_;
  Inbox<WatchEvent> events_;
};

TEST_F(Watch, TellsWhatIsThereAndWhatChanges) {
  ASSERT_TRUE(client_->put({"/squall-ref/a", "1"}, 0, soon()).ok());
  const auto watching = watch(hours(1));
  EXPECT_TRUE(states_.wait_for(holds("/squall-ref/a", "1")));
  ASSERT_TRUE(client_->put({"/squall-ref/a", "2"}, 0, soon()).ok());
  EXPECT_TRUE(states_.wait_for(holds("/squall-ref/a", "2")));
  const auto lease = client_->grant_lease(seconds(60), soon());
  ASSERT_TRUE(lease.ok());
  ASSERT_TRUE(client_->put({"/squall-ref/b", "3"}, *lease, soon()).ok());
  EXPECT_TRUE(states_.wait_for(holds("/squall-ref/b", "3")));
  states_.clear();
  ASSERT_TRUE(client_->revoke_lease(*lease, soon()).ok());
  EXPECT_TRUE(states_.wait_for(lacks("/squall-ref/b")));
}

TEST_F(Watch, NoticesThatItsMemberHangsAndGoesOnFromWhereItWas) {
  const auto watching = watch(milliseconds(50));
  ASSERT_TRUE(wait_for(WatchEvent::kWatching));
  etcd_->pause(true);
  EXPECT_TRUE(wait_for(WatchEvent::kFailing));
  etcd_->pause(false);
  ASSERT_TRUE(client_->put({"/squall-ref/a", "1"}, 0, soon()).ok());
  EXPECT_TRUE(states_.wait_for(holds("/squall-ref/a", "1")));
}

TEST_F(Watch, ItsOwnerNeedNotWaitForIt) {
  // Ends a watch that waits an hour; the test's time limit is the proof.
  const auto watching = watch(hours(1));
  EXPECT_TRUE(wait_for(WatchEvent::kWatching));
}

// A raw stream, because a watch of ours never asks for what it has seen compacted away.
TEST_F(Registry, ACompactedRevisionIsSaidByEtcdAndUnderstood) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(client_->put({"/squall-ref/a", "x"}, 0, soon()).ok());
  const auto now = client_->read("/squall-ref/a", etcd::ReadMode::kLinearizable, soon());
  ASSERT_TRUE(now.ok());
  EtcdConnection raw(etcd_->endpoint());
  const std::string body = R"({"revision":")" + std::to_string(now->revision) + R"("})";
  ASSERT_TRUE(raw.exchange({.target = "/v3/kv/compaction", .body = body}, soon()).ok());
  const auto opened =
      raw.open_stream(etcd::watch_prefix("/squall-ref/", 1, etcd::ReadMode::kLinearizable), soon());
  ASSERT_TRUE(opened.ok()) << opened.error().what;
  LineSplitter lines;
  std::int64_t compacted = 0;
  while (compacted == 0) {
    const auto bytes = raw.read_stream(soon());
    ASSERT_TRUE(bytes.ok()) << bytes.error().what;
    ASSERT_FALSE(bytes->empty() && system_clock().mono() > limit_);
    ASSERT_TRUE(lines.add(*bytes).ok());
    while (const auto line = lines.next()) {
      const auto message = etcd::read_watch_line(*line);
      ASSERT_TRUE(message.ok()) << message.error().what;
      if (message->is_cancelled) compacted = message->compacted;
    }
  }
  EXPECT_EQ(compacted, now->revision);
}

TEST_F(Registry, ARolloutOverwritesOnlyWhatIsOlder) {
  const auto published = [&](std::int64_t epoch, const std::string& stable) {
    const auto result = publish(*client_, "ranker", {.epoch = epoch, .stable = stable}, soon());
    return result.ok() ? std::string(to_text(*result)) : result.error().what;
  };
  EXPECT_EQ(published(1, "1"), "written");
  EXPECT_EQ(published(1, "1"), "there");
  EXPECT_EQ(published(3, "2"), "written");
  EXPECT_EQ(published(3, "1"), "overrun");
  EXPECT_EQ(published(2, "1"), "overrun");
  ASSERT_TRUE(client_->put({config_key("ranker"), "nonsense"}, 0, soon()).ok());
  EXPECT_EQ(published(1, "1"), "written");
}

}  // namespace
}  // namespace squall::reference
