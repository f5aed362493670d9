// The collection checkers on simulated collections: nothing wrong is found where nothing is wrong,
// and what is then broken on purpose is found.
#include <algorithm>
#include <deque>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "tests/checker/history_text.h"

namespace squall {
namespace {

constexpr int kHistories = 1'000;

std::int64_t below(Rng& rng, std::uint64_t bound) {
  return static_cast<std::int64_t>(rng.below(bound));
}

struct Pending {
  std::int64_t at = 0;  // of the effect
  Operation op;
};

// Four clients; functions[0] changes the collection (value: 1, 2, 3, …), functions[1] looks.
class Simulation {
 public:
  Simulation(std::uint64_t seed, const char* change, const char* look) : rng_(seed) {
    for (std::int64_t i = 0; i < kClients; ++i) add_process(i);
    change_ = history_.functions().intern(change);
    look_ = history_.functions().intern(look);
    std::vector<std::int64_t> free_at(kClients, 0);
    for (std::int64_t i = 0; i < 60; ++i) draw(i, free_at);
    std::stable_sort(ops_.begin(), ops_.end(),
                     [](const Pending& a, const Pending& b) { return a.at < b.at; });
  }

  // apply(value): the change happens; look(): what is seen.
  template <typename Apply, typename Look>
  History run(Apply apply, Look look) {
    for (Pending& pending : ops_) {
      Operation& op = pending.op;
      const bool happens =
          op.outcome == Outcome::kOk || (op.outcome == Outcome::kInfo && rng_.below(2) == 0);
      if (op.function == change_) {
        if (happens) apply(history_.values().as_integer(op.value));
      } else {
        op.value = op.outcome == Outcome::kOk ? look(history_.values()) : kAbsent;
      }
      history_.append(op);
    }
    history_.sort_by_sent();
    return std::move(history_);
  }
  Rng& rng() { return rng_; }

 private:
  static constexpr std::int64_t kClients = 4;
  void add_process(std::int64_t id) {
    Process process;
    process.id = id;
    history_.add_process(process);
  }
  void draw(std::int64_t number, std::vector<std::int64_t>& free_at) {
    const auto client = static_cast<std::size_t>(number % kClients);
    Pending pending;
    Operation& op = pending.op;
    op.process = static_cast<ProcessIndex>(client);
    op.sent = op.scheduled = free_at[client] + 1 + below(rng_, 10);
    pending.at = op.sent + below(rng_, 20);
    op.completed = pending.at + below(rng_, 20);
    free_at[client] = op.completed;
    op.function = rng_.below(2) == 0 ? change_ : look_;
    const std::int64_t luck = below(rng_, 10);
    // Looks that crash would have taken something from a queue with them.
    op.outcome = op.function == look_ || luck > 1 ? Outcome::kOk
                 : luck == 0                      ? Outcome::kInfo
                                                  : Outcome::kFail;
    op.value = history_.values().integer(number + 1);
    ops_.push_back(pending);
  }

  Rng rng_;
  History history_;
  FunctionId change_ = 0;
  FunctionId look_ = 0;
  std::vector<Pending> ops_;
};

// Both calls return a history, the second one with a lie in it that matters, or an empty one where
// there was nothing to lie about.
template <typename Honest, typename Lying>
void expect_only_lies_found(const std::string& request, Honest honest, Lying lying) {
  int lies = 0;
  int caught = 0;
  for (std::uint64_t seed = 1; seed <= kHistories; ++seed) {
    Recording recording;
    recording.history = honest(seed);
    const Verdict verdict = test::check(request, recording);
    ASSERT_NE(verdict.answer, Answer::kViolated) << seed << ": " << verdict.summary;
    recording.history = lying(seed);
    if (recording.history.size() == 0) continue;
    ++lies;
    caught += test::check(request, recording).answer == Answer::kViolated ? 1 : 0;
  }
  EXPECT_GT(lies, kHistories / 4) << request;
  EXPECT_GE(caught * 100, lies * 99) << request << ": " << caught << " of " << lies;
}

History with_value(const History& history, OpIndex changed, ValueId value) {
  History copy;
  for (const Process& process : history.processes()) copy.add_process(process);
  copy.functions() = history.functions();
  copy.values() = history.values();
  for (OpIndex i = 0; i < history.size(); ++i) {
    Operation op = history.at(i);
    if (i == changed) op.value = value;
    copy.append(op, history.error(i));
  }
  return copy;
}

// The operation of that function that returned last.
OpIndex last_of(const History& history, std::string_view function) {
  OpIndex last = 0;
  std::int64_t at = -1;
  for (OpIndex i = 0; i < history.size(); ++i) {
    const bool is_it = history.functions().name(history.function()[i]) == function &&
                       history.outcome()[i] == Outcome::kOk;
    if (!is_it || history.completed()[i] < at) continue;
    last = i;
    at = history.completed()[i];
  }
  return last;
}

History simulated_set(std::uint64_t seed) {
  std::vector<std::int64_t> set;
  return Simulation(seed, "add", "read")
      .run([&](std::int64_t value) { set.push_back(value); },
           [&](Values& values) {
             std::vector<ValueId> items;
             for (const std::int64_t value : set) items.push_back(values.integer(value));
             return values.list(items);
           });
}

TEST(CollectionsProperty, ASetThatForgotAnElementIsFound) {
  const auto forgetful = [](std::uint64_t seed) {
    History history = simulated_set(seed);
    const OpIndex read = last_of(history, "read");
    for (OpIndex i = 0; i < history.size(); ++i) {
      const bool is_known = history.functions().name(history.function()[i]) == "add" &&
                            history.outcome()[i] == Outcome::kOk &&
                            history.completed()[i] < history.sent()[read];
      if (!is_known) continue;
      std::vector<ValueId> items;
      for (const ValueId item : history.values().as_list(history.value()[read])) {
        if (item != history.value()[i]) items.push_back(item);
      }
      const ValueId less = history.values().list(items);
      return with_value(history, read, less);
    }
    return History();
  };
  expect_only_lies_found("set", simulated_set, forgetful);
}

History simulated_counter(std::uint64_t seed) {
  std::int64_t sum = 0;
  return Simulation(seed, "add", "read")
      .run([&](std::int64_t value) { sum += value; },
           [&](Values& values) { return values.integer(sum); });
}

TEST(CollectionsProperty, ACounterThatIsOutOfItsBoundsIsFound) {
  const auto off = [](std::uint64_t seed) {
    History history = simulated_counter(seed);
    const ValueId far = history.values().integer(seed % 2 == 0 ? -1 : 1'000'000);
    return with_value(history, last_of(history, "read"), far);
  };
  expect_only_lies_found("counter", simulated_counter, off);
}

History simulated_queue(std::uint64_t seed) {
  std::deque<std::int64_t> queue;
  return Simulation(seed, "enqueue", "dequeue")
      .run([&](std::int64_t value) { queue.push_back(value); },
           [&](Values& values) {
             if (queue.empty()) return kNil;
             const std::int64_t first = queue.front();
             queue.pop_front();
             return values.integer(first);
           });
}

TEST(CollectionsProperty, AQueueThatGivesOutSomethingTwiceIsFound) {
  const auto twice = [](std::uint64_t seed) {
    const History history = simulated_queue(seed);
    const OpIndex last = last_of(history, "dequeue");
    for (OpIndex i = 0; i < last; ++i) {
      const bool is_other = history.functions().name(history.function()[i]) == "dequeue" &&
                            history.value()[i] != kNil;
      if (is_other) return with_value(history, last, history.value()[i]);
    }
    return History();
  };
  expect_only_lies_found("queue", simulated_queue, twice);
  expect_only_lies_found(
      "unique-ids:function=dequeue", [](std::uint64_t) { return History(); }, twice);
}

}  // namespace
}  // namespace squall
