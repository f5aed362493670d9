// What is certain while a run goes on.
#include "orchestrator/early_judge.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

using Kind = RecordedEvent::Kind;

class SetClock final : public Clock {
 public:
  [[nodiscard]] MonoTime mono() const override { return MonoTime{now}; }
  [[nodiscard]] BootTime boot() const override { return BootTime{now}; }
  [[nodiscard]] WallTime wall() const override { return WallTime{now}; }
  Duration now{0};
};

class Early : public testing::Test {
 protected:
  void SetUp() override { source_ = builder_.add_source({.client = "kv", .node = "n1"}); }

  void event(Kind kind, std::int64_t process, std::int64_t ms, std::string_view function,
             std::string_view value = "") {
    ASSERT_TRUE(builder_
                    .add(source_, {.kind = kind,
                                   .process = process,
                                   .at = ms * 1'000'000,
                                   .scheduled = ms * 1'000'000,
                                   .generation = 1,
                                   .function = function,
                                   .key = "\"x\"",
                                   .value = value})
                    .ok());
  }
  void operation(std::int64_t process, std::int64_t ms, std::string_view function,
                 std::string_view value) {
    event(Kind::kInvoke, process, ms, function, function == "write" ? value : "");
    event(Kind::kOk, process, ms + 1, function, value);
  }
  // What a judge says that looks at what is known at `ms`; "" if it says nothing.
  std::string look(std::int64_t ms, const std::string& check = "linearizable") {
    RunEventQueue events;
    {
      clock_.now = Duration(0);
      EarlyJudge judge({*parse_check(check)}, events, clock_);
      clock_.now = std::chrono::milliseconds(1000);
      judge.look(std::chrono::milliseconds(ms), builder_);
    }  // waits for the look
    const std::vector<RunEvent> found = events.take(Duration{0});
    if (found.empty()) return "";
    const auto& violation = std::get<ViolationFound>(found.front());
    return violation.check + ": " + violation.summary;
  }

  HistoryBuilder builder_{MonoTime{Duration(0)}, 1000};
  HistoryBuilder::Source source_ = 0;
  SetClock clock_;
};

TEST_F(Early, SaysWhatIsCertain) {
  operation(0, 1, "write", "1");
  operation(0, 3, "write", "2");
  operation(1, 5, "read", "1");
  EXPECT_NE(look(100).find("linearizable: key x: process 1 read 1"), std::string::npos)
      << look(100);
}

TEST_F(Early, SaysNothingOfAnAnswerThatCameAfterWhatIsKnown) {
  operation(0, 1, "write", "1");
  operation(0, 3, "write", "2");
  operation(1, 5, "read", "1");
  EXPECT_EQ(look(5), "");
}

TEST_F(Early, AWriteUnderWayExplainsWhatWasRead) {
  event(Kind::kInvoke, 0, 1, "write", "7");
  operation(1, 5, "read", "7");
  EXPECT_EQ(look(100), "");
}

TEST_F(Early, ACheckThatIsNotCertainSaysNothing) {
  operation(0, 1, "add", "1");
  operation(1, 5, "read", "[]");
  EXPECT_EQ(look(100, "set"), "");
  EXPECT_EQ(look(100, "set-full"), "");  // it may come back
  EXPECT_NE(look(100, "set-full:linearizable=true"), "");
}

TEST_F(Early, LooksAgainOnlyAfterARest) {
  operation(0, 1, "write", "1");
  operation(1, 5, "read", "9");
  RunEventQueue events;
  EarlyJudge judge({*parse_check("linearizable")}, events, clock_);
  clock_.now = std::chrono::milliseconds(100);
  judge.look(std::chrono::milliseconds(50), builder_);  // too early
  EXPECT_TRUE(events.take(Duration{0}).empty());
  clock_.now = std::chrono::milliseconds(300);
  judge.look(std::chrono::milliseconds(50), builder_);
  EXPECT_EQ(events.take(std::chrono::seconds(10)).size(), 1U);
}

}  // namespace
}  // namespace squall
