// What a checker is certain of while a run goes on stays true when it is over.
#include <gtest/gtest.h>

#include "base/rng.h"
#include "history/jsonl.h"
#include "tests/checker/history_text.h"

namespace squall {
namespace {

struct Vocabulary {
  const char* request;
  std::vector<const char*> functions;
};

std::int64_t below(Rng& rng, std::uint64_t bound) {
  return static_cast<std::int64_t>(rng.below(bound));
}

ValueId random_value(Rng& rng, const std::string& function, Values& values) {
  if (function == "read-set" || function == "drain") {
    std::vector<ValueId> items;
    for (std::int64_t i = below(rng, 4); i > 0; --i) items.push_back(values.integer(below(rng, 3)));
    return values.list(items);
  }
  if (function == "cas") {
    return values.pair(values.integer(below(rng, 3)), values.integer(below(rng, 3)));
  }
  return values.integer(below(rng, 3));
}

// Closed-loop processes that do anything at all; a process that ended in info is another one.
History random_history(Rng& rng, const Vocabulary& vocabulary) {
  History history;
  const std::uint64_t clients = 1 + rng.below(3);
  for (std::uint64_t client = 0; client < clients; ++client) {
    Process process;
    process.id = static_cast<std::int64_t>(client);
    ProcessIndex index = history.add_process(process);
    std::int64_t at = below(rng, 5);
    for (std::int64_t n = below(rng, 8); n > 0; --n) {
      std::string function = vocabulary.functions[rng.below(vocabulary.functions.size())];
      Operation op;
      op.process = index;
      op.sent = op.scheduled = at;
      op.completed = at + below(rng, 6);
      at = op.completed + 1 + below(rng, 3);
      const std::int64_t luck = below(rng, 8);
      op.outcome = luck == 0 ? Outcome::kInfo : luck == 1 ? Outcome::kFail : Outcome::kOk;
      op.value = random_value(rng, function, history.values());
      if (function == "read-set") function = "read";
      if (op.outcome != Outcome::kOk && !is_argument_kept(function)) op.value = kAbsent;
      op.function = history.functions().intern(function);
      op.key = rng.below(2) == 0 ? kAbsent : history.values().text("k");
      history.append(op);
      if (op.outcome != Outcome::kInfo) continue;
      process.id += 1000;
      index = history.add_process(process);
    }
  }
  history.sort_by_sent();
  return history;
}

// What was known at `until`: what had not returned by then is under way.
History prefix(const History& whole, std::int64_t until) {
  History part;
  for (const Process& process : whole.processes()) part.add_process(process);
  part.functions() = whole.functions();
  part.values() = whole.values();
  for (OpIndex i = 0; i < whole.size(); ++i) {
    Operation op = whole.at(i);
    if (op.sent > until) continue;
    if (op.completed > until) {
      op.outcome = Outcome::kInfo;
      op.completed = kNever;
      if (!is_argument_kept(whole.functions().name(op.function))) op.value = kAbsent;
    }
    part.append(op);
  }
  part.sort_by_sent();
  return part;
}

std::string lines_of(const History& history) {
  std::string lines;
  for (OpIndex op = 0; op < history.size(); ++op) lines += history.describe(op) + "\n";
  return lines;
}

void expect_to_stay(const Vocabulary& vocabulary) {
  Rng rng(20261127);
  const CheckRequest request = *parse_check(vocabulary.request);
  const EarlyCheck& early = find_checker(request.name)->early;
  ASSERT_NE(early.check, nullptr) << vocabulary.request;
  constexpr int kHistories = 1'500;
  int found = 0;
  for (int i = 0; i < kHistories; ++i) {
    Recording whole;
    whole.history = random_history(rng, vocabulary);
    const std::int64_t until = below(rng, 60);
    Recording part;
    part.history = prefix(whole.history, until);
    const Verdict certain = early.check(CheckInput{part, request.params, Budget{}});
    if (certain.answer != Answer::kViolated) continue;
    ++found;
    const Verdict verdict = run_check(request, whole, Budget{});
    ASSERT_EQ(verdict.answer, Answer::kViolated)
        << vocabulary.request << " at " << until << ": " << certain.summary << "\nbut "
        << verdict.summary << "\n"
        << lines_of(whole.history);
  }
  EXPECT_GT(found, kHistories / 100) << vocabulary.request;
}

TEST(EarlyProperty, ACertainViolationOfARegisterStays) {
  expect_to_stay({"linearizable", {"read", "write", "cas"}});
}
TEST(EarlyProperty, ACertainViolationOfAStreamStays) {
  expect_to_stay({"register-stream", {"read", "write"}});
}
TEST(EarlyProperty, ACertainViolationOfALockStays) {
  expect_to_stay({"mutual-exclusion", {"acquire", "release", "write"}});
  expect_to_stay({"mutual-exclusion:evidence=claims", {"acquire", "release", "write"}});
}
TEST(EarlyProperty, ACertainViolationOfACollectionStays) {
  expect_to_stay({"counter", {"add", "read"}});
  expect_to_stay({"queue", {"enqueue", "dequeue"}});
  expect_to_stay({"total-queue", {"enqueue", "dequeue", "drain"}});
  expect_to_stay({"unique-ids", {"generate"}});
  expect_to_stay({"set-full", {"add", "read-set"}});
}

// Every row that says that it can be certain early is put to the test above.
TEST(EarlyProperty, EveryCheckerThatClaimsToBeCertainIsTested) {
  std::vector<std::string_view> names;
  for (const CheckerRow& row : checkers()) {
    if (row.early.check != nullptr) names.push_back(row.name);
  }
  EXPECT_EQ(names, (std::vector<std::string_view>{"counter", "linearizable", "mutual-exclusion",
                                                  "queue", "register-stream", "set-full",
                                                  "total-queue", "unique-ids"}));
}

}  // namespace
}  // namespace squall
