// From recorded events to a history.
#include "workload/history_builder.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

using Kind = RecordedEvent::Kind;

class Builder : public testing::Test {
 protected:
  void SetUp() override { source_ = builder_.add_source({.client = "c", .node = "n1"}); }
  Result<> add(Kind kind, std::int64_t process, std::int64_t at, std::string_view function,
               std::string_view value = "", std::string_view error = "",
               std::uint32_t generation = 1) {
    return builder_.add(source_, {.kind = kind,
                                  .process = process,
                                  .at = 1000 + at,
                                  .scheduled = 1000 + at,
                                  .generation = generation,
                                  .function = function,
                                  .key = "\"k\"",
                                  .value = value,
                                  .error = error});
  }
  void operation(Kind kind, std::int64_t process, std::int64_t at, std::string_view function,
                 std::string_view argument = "", std::string_view answer = "",
                 std::string_view error = "") {
    ASSERT_TRUE(add(Kind::kInvoke, process, at, function, argument).ok());
    ASSERT_TRUE(add(kind, process, at + 1, function, answer, error).ok());
  }
  std::vector<std::int64_t> process_ids() const {
    std::vector<std::int64_t> ids;
    for (const ProcessIndex index : builder_.history().process()) {
      ids.push_back(builder_.history().processes()[index].id);
    }
    return ids;
  }
  HistoryBuilder builder_{MonoTime{Duration(1000)}, 10};
  HistoryBuilder::Source source_ = 0;
};

TEST_F(Builder, TakesArgumentsOfWritesAndAnswersOfReads) {
  operation(Kind::kOk, 0, 5, "write", "7");
  operation(Kind::kOk, 0, 7, "read", "", "[1,null,\"x\"]");
  builder_.finish();
  const History& history = builder_.history();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history.at(0).sent, 5);
  EXPECT_EQ(history.at(0).completed, 6);
  EXPECT_EQ(history.values().to_json(history.at(0).value), "7");
  EXPECT_EQ(history.values().to_json(history.at(1).value), "[1,null,\"x\"]");
  EXPECT_EQ(history.values().to_json(history.at(1).key), "\"k\"");
}

TEST_F(Builder, AnInferencesProcessGoesOnAfterInfo) {
  operation(Kind::kInfo, 3, 1, "infer", "[1]");
  operation(Kind::kOk, 3, 3, "infer", "[2]");
  builder_.finish();
  EXPECT_EQ(process_ids(), (std::vector<std::int64_t>{3, 3}));
}

TEST_F(Builder, AProcessIsAnotherOneAfterInfo) {
  operation(Kind::kInfo, 3, 1, "write", "1");
  operation(Kind::kOk, 3, 3, "write", "2");
  operation(Kind::kInfo, 3, 5, "write", "3");
  operation(Kind::kFail, 3, 7, "write", "4");
  EXPECT_EQ(process_ids(), (std::vector<std::int64_t>{3, 13, 13, 23}));
}

TEST_F(Builder, WhatIsUnderWayAtTheEndNeverCompletes) {
  ASSERT_TRUE(add(Kind::kInvoke, 0, 1, "write", "1").ok());
  operation(Kind::kOk, 1, 0, "read", "", "1");
  EXPECT_EQ(builder_.under_way(), 1U);
  builder_.finish();
  EXPECT_EQ(builder_.history().at(1).completed, kNever);
  EXPECT_EQ(builder_.history().at(1).outcome, Outcome::kInfo);
}

TEST_F(Builder, AClientThatWasStartedAgainLeavesItsOperationsOpen) {
  ASSERT_TRUE(add(Kind::kInvoke, 0, 1, "write", "1").ok());
  ASSERT_TRUE(add(Kind::kInvoke, 0, 5, "write", "2", "", 2).ok());
  ASSERT_TRUE(add(Kind::kOk, 0, 6, "write", "", "", 2).ok());
  EXPECT_EQ(process_ids(), (std::vector<std::int64_t>{0, 10}));
  EXPECT_EQ(builder_.history().at(0).completed, kNever);
  EXPECT_EQ(builder_.history().error(0), "its client ended");
}

TEST_F(Builder, CountsPerClientSinceTheLastLook) {
  operation(Kind::kOk, 0, 1, "add", "1");
  operation(Kind::kFail, 0, 3, "add", "2", "", "refused");
  operation(Kind::kFail, 0, 5, "cas", "[1,2]", "", "answer: mismatch");
  operation(Kind::kInfo, 0, 7, "add", "3");
  const OperationCounts all{.ok = 1, .fail = 1, .negative = 1, .info = 1};
  EXPECT_EQ(builder_.take_counts().at("c"), all);
  EXPECT_TRUE(builder_.take_counts().empty());
  EXPECT_EQ(builder_.totals().at("c"), all);
}

TEST_F(Builder, KnowsWhoBelievesToHoldTheLock) {
  operation(Kind::kOk, 0, 1, "acquire", "", "17");
  operation(Kind::kFail, 1, 3, "acquire", "", "", "answer: held");
  operation(Kind::kOk, 2, 5, "acquire", "", "18");
  const LockHolder first{.client = "c", .node = "n1", .process = 0, .since = 2};
  const LockHolder second{.client = "c", .node = "n1", .process = 2, .since = 6};
  EXPECT_EQ(builder_.holders("c"), (std::vector<LockHolder>{second, first}));
  EXPECT_TRUE(builder_.holders("d").empty());
  ASSERT_TRUE(add(Kind::kInvoke, 2, 9, "release", "18").ok());
  EXPECT_EQ(builder_.holders("c"), std::vector<LockHolder>{first});
}

TEST_F(Builder, RejectsWhatBreaksTheRules) {
  const auto why = [](const Result<>& result) { return result.ok() ? "" : result.error().what; };
  EXPECT_EQ(why(add(Kind::kOk, 0, 1, "write")),
            "client c on n1, process 0: completes what it never invoked");
  EXPECT_EQ(why(add(Kind::kInvoke, 10, 1, "write")), "client c on n1, process 10: unknown");
  EXPECT_EQ(why(add(Kind::kInvoke, 0, 1, "write", "{}")),
            "client c on n1, process 0: write: a value must be an integer of 64 bits, text, true, "
            "false, null or a list of these, at most 16 deep");
  EXPECT_EQ(why(add(Kind::kInvoke, 0, 1, "write", "[1")),
            "client c on n1, process 0: write: not JSON: '[1'");
  ASSERT_TRUE(add(Kind::kInvoke, 0, 2, "write", "1").ok());
  EXPECT_EQ(why(add(Kind::kInvoke, 0, 3, "write", "2")),
            "client c on n1, process 0: has two operations under way");
  EXPECT_EQ(why(add(Kind::kOk, 0, 1, "write")),
            "client c on n1, process 0: completes before it sends");
}

std::string lines_of(const History& history) {
  std::string lines;
  for (OpIndex op = 0; op < history.size(); ++op) lines += history.describe(op) + "\n";
  return lines;
}

TEST_F(Builder, APrefixKnowsOfLaterAnswersOnlyThatSomebodyAsked) {
  operation(Kind::kOk, 0, 1, "write", "7");            // over at 2
  ASSERT_TRUE(add(Kind::kInvoke, 1, 3, "read").ok());  // still under way
  ASSERT_TRUE(add(Kind::kInvoke, 2, 4, "write", "8").ok());
  ASSERT_TRUE(add(Kind::kOk, 2, 9, "write").ok());  // over at 9
  operation(Kind::kOk, 0, 6, "read", "", "8");      // called at 6
  const HistoryBuilder::Prefix prefix = builder_.prefix(5, 0);
  const History& history = prefix.history;
  ASSERT_EQ(history.size(), 3U) << lines_of(history);
  EXPECT_EQ(history.at(0).outcome, Outcome::kOk);
  EXPECT_EQ(history.at(1).outcome, Outcome::kInfo);
  EXPECT_EQ(history.at(1).value, kAbsent);
  EXPECT_EQ(history.at(2).outcome, Outcome::kInfo);
  EXPECT_EQ(history.at(2).completed, kNever);
  EXPECT_EQ(history.values().to_json(history.at(2).value), "8");
  EXPECT_EQ(prefix.next, 1U);  // the row that was over at 9 counts again
}

TEST_F(Builder, APrefixLeavesOutKeysThatNobodyUsedSince) {
  operation(Kind::kOk, 0, 1, "write", "7");
  EXPECT_EQ(builder_.prefix(100, 1).history.size(), 0U);
  operation(Kind::kOk, 0, 3, "read", "", "7");
  EXPECT_EQ(builder_.prefix(100, 1).history.size(), 2U);
  EXPECT_EQ(builder_.prefix(100, 2).history.size(), 0U);
}

}  // namespace
}  // namespace squall
