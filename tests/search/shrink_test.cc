// A shrink over children that are fakes.
#include "search/shrink.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "base/files.h"
#include "tests/search/fake_squall.h"
#include "tests/search/shrink_world.h"

namespace squall {
namespace {

class Shrinking : public testing::Test {
 protected:
  ShrinkSetup setup() {
    ShrinkSetup made;
    made.program = fake_.program();
    made.source = "seed-17.squall";
    made.original = test::big_scenario();
    made.scope = test::big_scope();
    made.vocabulary = test::shrink_vocabulary();
    made.identity = "same";
    made.out = fake_.path("out");
    made.tries = 2;
    made.measure = 3;
    made.budget = 300;
    made.show = [](const std::string&) {};
    made.say = [this](const std::string& line) { said_ += line + "\n"; };
    return made;
  }
  ShrinkEnd shrink(const ShrinkSetup& wanted) {
    Result<ShrinkEnd> end = run_shrink(wanted, system_clock());
    EXPECT_TRUE(end.ok()) << (end ? "" : end.error().what);
    return std::move(end).value_or(ShrinkEnd());
  }
  [[nodiscard]] Scenario result() const {
    return test::parsed_scenario(read_file(fake_.path("out/shrunk.yaml")).value_or(""));
  }

  test::FakeSquall fake_;
  std::string said_;
};

TEST_F(Shrinking, LeavesTheOneFaultThatIsNeededAndSaysHowOftenItShows) {
  fake_.plan_where("name: stop", "violation");
  const ShrinkEnd end = shrink(setup());
  EXPECT_TRUE(end.is_minimal);
  EXPECT_EQ(end.violated, 3);
  EXPECT_EQ(end.measured, 3);
  ASSERT_EQ(result().timeline.size(), 1U);
  EXPECT_EQ(result().timeline[0].id.get(), "stop");
  EXPECT_TRUE(std::filesystem::exists(fake_.path("out/shrunk.squall")));
  EXPECT_FALSE(std::filesystem::exists(fake_.path("out/running")));
}

TEST_F(Shrinking, TakesNoOtherViolationForTheSame) {
  fake_.plan_where("name: slow", "violation");
  fake_.plan_where("name: big", "other");
  (void)shrink(setup());
  ASSERT_EQ(result().timeline.size(), 1U);
  EXPECT_EQ(result().timeline[0].id.get(), "slow");
}

TEST_F(Shrinking, DoesNotShrinkWhatDoesNotReproduce) {
  fake_.plan_where("name: big", "invalid");
  const ShrinkEnd end = shrink(setup());
  EXPECT_FALSE(end.is_confirmed);
  EXPECT_EQ(end.runs, 4);
  EXPECT_EQ(end.why_not, "squall: the cut was late");
  EXPECT_FALSE(std::filesystem::exists(fake_.path("out/shrunk.yaml")));
}

TEST_F(Shrinking, KeepsTheBestWithinItsBudgetAndGoesOnWithMore) {
  fake_.plan_where("name: stop", "violation");
  ShrinkSetup small = setup();
  small.budget = 9;
  const ShrinkEnd first = shrink(small);
  EXPECT_FALSE(first.is_minimal);
  EXPECT_EQ(first.runs, 9);
  EXPECT_FALSE(result().timeline.empty());
  const ShrinkEnd second = shrink(setup());
  EXPECT_TRUE(second.is_minimal);
  EXPECT_EQ(result().timeline.size(), 1U);
  EXPECT_NE(said_.find(" candidates are known from before\n"), std::string::npos);
}

TEST_F(Shrinking, KeepsTheBestAtCtrlC) {
  fake_.plan_where("name: stop", "violation");
  ShrinkSetup wanted = setup();
  bool is_sent = false;
  wanted.say = [&is_sent](const std::string& line) {
    if (is_sent || !line.starts_with("yes")) return;
    is_sent = true;
    ASSERT_EQ(::kill(::getpid(), SIGINT), 0);
  };
  const ShrinkEnd end = shrink(wanted);
  EXPECT_TRUE(end.is_interrupted);
  EXPECT_FALSE(end.is_minimal);
  EXPECT_LT(result().timeline.size(), 6U);
}

TEST_F(Shrinking, RefusesTheFolderOfAnother) {
  fake_.plan_where("name: stop", "violation");
  (void)shrink(setup());
  ShrinkSetup other = setup();
  other.identity = "another";
  EXPECT_EQ(run_shrink(other, system_clock()).error().what,
            "'" + other.out +
                "' holds another shrink: of another run file, check or arena, or by other "
                "programs; --fresh starts over, --out chooses another folder");
}

}  // namespace
}  // namespace squall
