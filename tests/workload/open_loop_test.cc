// The open loop against a target that answers when the test says so: time passes, nothing is
// measured; what is planned is compared with what was recorded.
#include "workload/open_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "tests/workload/loop_run.h"

namespace squall {
namespace {

using testing_workload::LoopRun;

constexpr std::int64_t kGap = 1'000'000;  // ns, at 1000 a second

// Keeps requests until they are let go.
class Target {
 public:
  void take(Done done) {
    const std::scoped_lock lock(mutex_);
    if (is_open_) return done(ok("[]"));
    waiting_.push_back(std::move(done));
  }
  void answer_all_from_now_on() {
    const std::scoped_lock lock(mutex_);
    is_open_ = true;
    for (const Done& done : waiting_) done(ok("[]"));
    waiting_.clear();
  }

 private:
  std::mutex mutex_{};
  std::vector<Done> waiting_{};
  bool is_open_ = false;
};

struct Loop {
  explicit Loop(std::int64_t slots, const std::function<void(std::int64_t)>& before = {}) {
    config.name = "load";
    for (std::int64_t id = 3; id < 3 + slots; ++id) config.processes.push_back(id);
    config.process_count = slots;
    setup.arrivals = {.kind = ArrivalKind::kConstant, .rate = 1000};
    setup.timeout = std::chrono::seconds(20);
    setup.function = "infer";
    setup.compose = [this, before](std::int64_t number) {
      if (before) before(number);
      return LoadRequest{.value = "[" + std::to_string(number) + "]",
                         .send = [this](MonoTime, Done done) { target.take(std::move(done)); }};
    };
  }
  [[nodiscard]] std::function<void(const std::string&)> body() {
    return [this](const std::string& ring) {
      RecorderWriter recorder = *RecorderWriter::open(ring);
      OpenLoop loop(config, recorder, setup);
      loop.run();
    };
  }
  ClientConfig config{};
  OpenLoopSetup setup{};
  Target target{};
};

std::string process_of(const History& history, OpIndex op) {
  return std::to_string(history.processes()[history.process()[op]].id);
}

std::vector<std::int64_t> scheduled(const History& history) {
  std::vector<std::int64_t> all;
  for (OpIndex op = 0; op < history.size(); ++op) all.push_back(history.at(op).scheduled);
  std::sort(all.begin(), all.end());
  return all;
}

// Distances in the history are kept in units of 64 ns.
void expect_planned(const std::vector<std::int64_t>& all) {
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(all[i] - all[0]), static_cast<double>(i) * kGap, 64) << i;
  }
}

TEST(OpenLoop, RequestsStayOnScheduleWhileTheServerStalls) {
  Loop loop(8);
  LoopRun run(loop.body());
  // Eight are in flight for as long as the target likes; the next are due all the same.
  ASSERT_TRUE(run.run_until([&] { return run.history().size() >= 20; }));
  EXPECT_EQ(run.builder().under_way(), 8U);
  loop.target.answer_all_from_now_on();
  run.end(ClientCommand::kFinish);
  expect_planned(scheduled(run.history()));
  EXPECT_GE(run.outcomes().at("fail: not sent: 8 requests are in flight"), 20);
  EXPECT_GE(run.outcomes().at("ok"), 8);
  EXPECT_EQ(run.outcomes().size(), 2U);
}

TEST(OpenLoop, AStalledRequestsLatencyCountsFromWhenItWasDue) {
  Loop loop(1);
  LoopRun run(loop.body());
  ASSERT_TRUE(run.run_until([&] { return run.history().size() >= 50; }));
  loop.target.answer_all_from_now_on();
  run.end(ClientCommand::kFinish);
  // The first was answered after the fiftieth was due, 50 gaps later at the least.
  const Operation first = run.history().at(0);
  EXPECT_EQ(first.outcome, Outcome::kOk);
  EXPECT_GE(first.completed - first.scheduled, 50 * kGap);
}

TEST(OpenLoop, AClientThatStoodStillCatchesUpAndHidesNothing) {
  std::atomic<bool> is_held = true;
  Loop loop(4, [&](std::int64_t number) {
    if (number != 5) return;
    EXPECT_TRUE(testing_workload::eventually([&] { return !is_held; }));
  });
  loop.target.answer_all_from_now_on();
  LoopRun run(loop.body());
  ASSERT_TRUE(run.run_until([&] { return run.history().size() == 5; }));
  const MonoTime held_at = system_clock().mono();
  ASSERT_TRUE(testing_workload::eventually(
      [&] { return system_clock().mono() - held_at > std::chrono::milliseconds(50); }));
  is_held = false;
  ASSERT_TRUE(run.finish_after(40));
  expect_planned(scheduled(run.history()));
  // What was due meanwhile was sent late, and its lateness is on record.
  const Operation late = run.history().at(5);
  EXPECT_GE(late.sent - late.scheduled, Duration(std::chrono::milliseconds(30)).count());
  EXPECT_EQ(run.outcomes().size(), 1U);
}

TEST(OpenLoop, WhatIsNotSentStandsUnderAProcessOfItsOwn) {
  Loop loop(2);
  LoopRun run(loop.body());
  ASSERT_TRUE(run.run_until([&] { return run.history().size() >= 3; }));
  run.end(ClientCommand::kStop);
  std::map<std::string, int> processes;
  for (OpIndex op = 0; op < run.history().size(); ++op) ++processes[process_of(run.history(), op)];
  EXPECT_EQ(processes.at("3"), 1);
  EXPECT_EQ(processes.at("4"), 1);
  EXPECT_GE(processes.at("500003"), 3);
  EXPECT_EQ(processes.size(), 3U);
}

TEST(OpenLoop, StopLeavesWhatIsInFlightAndFinishWaitsForIt) {
  Loop stopped(3);
  LoopRun run(stopped.body());
  ASSERT_TRUE(run.run_until([&] { return run.builder().under_way() == 3; }));
  run.end(ClientCommand::kStop);
  EXPECT_EQ(run.outcomes().at("info: still under way when the run ended"), 3);

  Loop finished(3);
  LoopRun other(finished.body());
  ASSERT_TRUE(other.run_until([&] { return other.builder().under_way() == 3; }));
  other.command(ClientCommand::kFinish);
  finished.target.answer_all_from_now_on();
  other.end(ClientCommand::kFinish);
  EXPECT_EQ(other.outcomes().count("info: still under way when the run ended"), 0U);
  EXPECT_GE(other.outcomes().at("ok"), 3);
}

TEST(OpenLoop, WhatIsAskedDoesNotDependOnTheAnswers) {
  std::vector<std::int64_t> numbers;
  Loop loop(2, [&](std::int64_t number) { numbers.push_back(number); });
  LoopRun run(loop.body());
  ASSERT_TRUE(run.run_until([&] { return run.history().size() >= 10; }));
  run.end(ClientCommand::kStop);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    ASSERT_EQ(numbers[i], static_cast<std::int64_t>(i));
  }
  EXPECT_EQ(numbers.size(), run.history().size());
}

}  // namespace
}  // namespace squall
