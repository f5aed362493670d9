// A hunt over children that are fakes: what it keeps, how it goes on, how it is stopped.
#include "search/hunt.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "base/files.h"
#include "search/folder_lock.h"
#include "tests/search/fake_squall.h"

namespace squall {
namespace {

namespace fs = std::filesystem;

class Hunting : public testing::Test {
 protected:
  HuntSetup setup(std::uint64_t seeds) {
    HuntSetup made;
    made.program = fake_.program();
    made.scenario = fake_.program();  // any file
    made.name = "fake";
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) made.cases.push_back({seed, std::nullopt});
    made.rules.until_all = true;
    made.identity = {"scenario", {{"squall", "1"}}, "lab", "none"};
    made.out = fake_.path("out");
    made.show = [](const std::string&) {};
    made.say = [this](const std::string& line) { said_ += line + "\n"; };
    return made;
  }

  HuntEnd hunt(const HuntSetup& wanted) {
    Result<HuntEnd> end = run_hunt(wanted, system_clock());
    EXPECT_TRUE(end.ok()) << (end ? "" : end.error().what);
    return std::move(end).value_or(HuntEnd());
  }

  [[nodiscard]] std::string kept() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(fake_.path("out"))) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
    return text;
  }

  test::FakeSquall fake_;
  std::string said_;
};

TEST_F(Hunting, KeepsWhatViolatesAndNothingElse) {
  fake_.plan(2, "violation");
  fake_.plan(3, "invalid");
  const HuntEnd end = hunt(setup(4));
  EXPECT_EQ(kept(), ".lock hunt.json seed-2.log seed-2.squall");
  EXPECT_EQ(end.left, 0U);
  ASSERT_EQ(end.file.results.size(), 4U);
  EXPECT_EQ(end.file.results[0].history, "def");
  EXPECT_EQ(end.file.results[1].violations[0].shape, "process N read N");
  EXPECT_EQ(said_,
            "seed 2: violation: linearizable{client=kv}: process 1 read 4, which nobody had "
            "written\nseed 3: invalid: squall: the cut was late\n");
}

TEST_F(Hunting, TriesWhatWasInvalidAgainAtTheEnd) {
  fake_.plan(1, "invalid");
  HuntSetup wanted = setup(3);
  wanted.rules.retries = 1;
  const HuntEnd end = hunt(wanted);
  EXPECT_EQ(fake_.started(), "1 2 3 1");
  EXPECT_EQ(end.file.results.back().outcome, RunOutcome::kInvalid);
  EXPECT_EQ(end.file.results.back().attempts, 2);
}

TEST_F(Hunting, GoesOnWhereItStopped) {
  (void)hunt(setup(2));
  const HuntEnd end = hunt(setup(4));
  EXPECT_EQ(fake_.started(), "1 2 3 4");
  EXPECT_EQ(end.file.results.size(), 4U);
  EXPECT_EQ(said_, "2 runs are known from before\n");
}

TEST_F(Hunting, RefusesTheFolderOfAnother) {
  (void)hunt(setup(1));
  HuntSetup other = setup(1);
  other.identity.programs["squall"] = "2";
  const auto refused = run_hunt(other, system_clock());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().what, "'" + other.out +
                                      "' holds another hunt: the program 'squall' has changed; "
                                      "--fresh starts over, --out chooses another folder");
  other.is_fresh = true;
  EXPECT_EQ(hunt(other).file.results.size(), 1U);
  EXPECT_EQ(fake_.started(), "1 1");
}

TEST_F(Hunting, RefusesAFolderInWhichAnotherIsAtWork) {
  const HuntSetup wanted = setup(1);
  const auto lock = lock_folder(wanted.out);
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(run_hunt(wanted, system_clock()).error().what,
            "another squall is at work in '" + wanted.out + "'");
}

TEST_F(Hunting, StopsAtOnceWhereNoRunCouldSucceed) {
  fake_.plan(1, "usage");
  const HuntEnd end = hunt(setup(3));
  EXPECT_EQ(fake_.started(), "1");
  EXPECT_EQ(end.fatal_code, 2);
  EXPECT_EQ(end.fatal_reason, "seed 1: squall: no such client");
  EXPECT_TRUE(fs::exists(fake_.path("out/running/seed-1.log")));
}

TEST_F(Hunting, CutsOffTheOthersWhenItHasItsViolation) {
  fake_.plan(1, "hang");
  fake_.plan(2, "violation");
  HuntSetup wanted = setup(3);
  wanted.rules = {.jobs = 2, .retries = 0, .until_all = false};
  const HuntEnd end = hunt(wanted);
  EXPECT_EQ(end.file.results.size(), 1U);
  EXPECT_EQ(end.left, 2U);
  EXPECT_EQ(kept(), ".lock hunt.json seed-2.log seed-2.squall");
}

TEST_F(Hunting, EndsItsRunsAtCtrlCAndGoesOnLater) {
  fake_.plan(2, "hang");
  HuntSetup wanted = setup(3);
  wanted.rules.jobs = 2;
  bool is_sent = false;
  wanted.show = [&is_sent](const std::string& line) {
    if (is_sent || !line.starts_with("2/3 done")) return;
    is_sent = true;
    ASSERT_EQ(::kill(::getpid(), SIGINT), 0);
  };
  const HuntEnd end = hunt(wanted);
  EXPECT_TRUE(end.is_interrupted);
  EXPECT_EQ(end.left, 1U);
  EXPECT_EQ(kept(), ".lock hunt.json");

  fake_.plan(2, "clean");
  EXPECT_EQ(hunt(setup(3)).file.results.size(), 3U);
}

}  // namespace
}  // namespace squall
