// The stream against the batch: the same answer after every event.
#include <algorithm>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "checker/register_stream.h"
#include "checker/special_register.h"

namespace squall {
namespace {

struct Op {
  std::int64_t called = 0;
  std::int64_t returned = 0;
  bool is_write = false;
  std::int64_t value = 0;
  Outcome outcome = Outcome::kOk;
};

std::int64_t below(Rng& rng, std::int64_t bound) {
  return static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(bound)));
}

// Closed-loop clients; reads tell the truth but for one in `lie_every`.
std::vector<Op> random_ops(Rng& rng, std::size_t count, std::size_t clients,
                           std::int64_t lie_every) {
  std::vector<Op> ops;
  std::vector<std::int64_t> free_at(clients, 0);
  std::vector<std::pair<std::int64_t, std::size_t>> moments;
  for (std::size_t i = 0; i < count; ++i) {
    Op op;
    std::int64_t& start = free_at[i % clients];
    op.called = start + 1 + below(rng, 3);
    op.returned = op.called + below(rng, 12);
    start = op.returned;
    op.is_write = below(rng, 2) == 0;
    op.value = static_cast<std::int64_t>(i) + 1;
    const std::int64_t luck = below(rng, 16);
    op.outcome = luck == 0 ? Outcome::kInfo : luck == 1 ? Outcome::kFail : Outcome::kOk;
    moments.emplace_back(op.called + below(rng, op.returned - op.called + 1), i);
    ops.push_back(op);
  }
  std::sort(moments.begin(), moments.end());
  std::int64_t state = 0;
  for (const auto& [at, i] : moments) {
    Op& op = ops[i];
    const bool happened =
        op.outcome == Outcome::kOk || (op.outcome == Outcome::kInfo && below(rng, 2) == 0);
    if (op.is_write && happened) state = op.value;
    if (op.is_write) continue;
    op.value = state;
    if (below(rng, lie_every) == 0) op.value = below(rng, static_cast<std::int64_t>(count) + 1);
  }
  return ops;
}

struct Event {
  std::int64_t at;
  bool is_return;
  std::size_t op;
};

std::vector<Event> events_of(const std::vector<Op>& ops) {
  std::vector<Event> events;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    events.push_back({ops[i].called, false, i});
    events.push_back({ops[i].returned, true, i});
  }
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return a.at != b.at ? a.at < b.at : !a.is_return && b.is_return;
  });
  return events;
}

bool feed(RegisterStream& stream, const Op& op, std::size_t process, bool is_return) {
  const StreamEvent event{is_return ? op.returned : op.called, process, 7, op.value,
                          op.is_write ? StreamCall::kWrite : StreamCall::kRead};
  if (!is_return) return stream.invoke(event);
  return op.outcome == Outcome::kOk     ? stream.ok(event)
         : op.outcome == Outcome::kFail ? stream.fail(event)
                                        : stream.info(event);
}

// What the batch says about the first `count` events, with what is under way as crashed.
bool is_prefix_valid(const std::vector<Op>& ops, const std::vector<Event>& events,
                     std::size_t count) {
  std::vector<int> state(ops.size(), 0);
  for (std::size_t i = 0; i < count; ++i) ++state[events[i].op];
  std::vector<RegisterOp> prefix;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const Op& op = ops[i];
    if (state[i] == 0 || (state[i] == 2 && op.outcome == Outcome::kFail)) continue;
    const bool is_over = state[i] == 2 && op.outcome == Outcome::kOk;
    if (!op.is_write && !is_over) continue;
    RegisterOp out;
    out.called = op.called;
    out.returned = is_over ? op.returned : kNever;
    out.call = op.is_write ? RegisterCall::kWrite : RegisterCall::kRead;
    (op.is_write ? out.to : out.from) = static_cast<State>(op.value);
    prefix.push_back(out);
  }
  const auto states = static_cast<State>(ops.size() + 2);
  const SpecialOutcome outcome = check_unique_register(prefix, states, 0);
  EXPECT_TRUE(outcome.is_mine()) << outcome.why;
  return outcome.answer == SpecialAnswer::kValid;
}

TEST(RegisterStreamProperty, SaysViolatedAtTheFirstEventThatProvesIt) {
  Rng rng(11);
  constexpr int kHistories = 3'000;
  int violated = 0;
  for (int i = 0; i < kHistories; ++i) {
    const std::vector<Op> ops = random_ops(rng, 4 + rng.below(30), 1 + rng.below(6), 40);
    const std::vector<Event> events = events_of(ops);
    RegisterStream stream(0);
    for (std::size_t n = 0; n < events.size(); ++n) {
      const bool goes_on = feed(stream, ops[events[n].op], events[n].op, events[n].is_return);
      ASSERT_EQ(goes_on, is_prefix_valid(ops, events, n + 1)) << n << ": " << stream.why();
      if (goes_on) continue;
      ++violated;
      EXPECT_EQ(stream.answer(), Answer::kViolated);
      break;
    }
  }
  EXPECT_GT(violated, kHistories / 10);
  EXPECT_LT(violated, kHistories * 9 / 10);
}

TEST(RegisterStreamProperty, RemembersOnlyWhatIsUnderWay) {
  Rng rng(5);
  const std::vector<Op> ops = random_ops(rng, 100'000, 8, 1'000'000'000);
  RegisterStream stream(0);
  std::size_t crashed = 0;
  std::size_t most = 0;
  for (const Event& event : events_of(ops)) {
    const Op& op = ops[event.op];
    ASSERT_TRUE(feed(stream, op, event.op % 8, event.is_return)) << stream.why();
    if (event.is_return && op.is_write && op.outcome == Outcome::kInfo) ++crashed;
    most = std::max(most, stream.remembered() - std::min(crashed, stream.remembered()));
  }
  EXPECT_EQ(stream.answer(), Answer::kValid);
  EXPECT_LT(most, 100U);
}

TEST(RegisterStream, SaysWhatIsWrong) {
  RegisterStream stream(0);
  constexpr std::int64_t kSecond = 1'000'000'000;
  const auto event = [](std::int64_t at, std::uint64_t process, std::int64_t value,
                        StreamCall call) {
    return StreamEvent{at * kSecond, process, 3, value, call};
  };
  EXPECT_TRUE(stream.invoke(event(1, 1, 5, StreamCall::kWrite)));
  EXPECT_TRUE(stream.ok(event(2, 1, 5, StreamCall::kWrite)));
  EXPECT_EQ(stream.answer(), Answer::kUnknown);  // nobody read
  EXPECT_TRUE(stream.invoke(event(3, 2, 0, StreamCall::kRead)));
  EXPECT_FALSE(stream.ok(event(4, 2, 0, StreamCall::kRead)));
  EXPECT_EQ(stream.answer(), Answer::kViolated);
  EXPECT_EQ(stream.why(),
            "a read returned 0 of key 3, which nobody had written, or which had been replaced for "
            "good before it was called at 3s");
  EXPECT_FALSE(stream.invoke(event(5, 1, 5, StreamCall::kRead)));
}

TEST(RegisterStream, AValueThatIsWrittenTwiceAtATimeLeavesTheClass) {
  RegisterStream stream(0);
  EXPECT_TRUE(stream.invoke({1, 1, 0, 5, StreamCall::kWrite}));
  EXPECT_TRUE(stream.invoke({2, 2, 0, 5, StreamCall::kWrite}));
  EXPECT_EQ(stream.answer(), Answer::kUnknown);
  EXPECT_EQ(stream.why(), "5 of key 0 was written again while the first one could still be read");
  EXPECT_TRUE(stream.invoke({3, 3, 0, 0, StreamCall::kRead}));
  EXPECT_TRUE(stream.ok({4, 3, 0, 99, StreamCall::kRead}));  // nobody judges this key any more
}

}  // namespace
}  // namespace squall
