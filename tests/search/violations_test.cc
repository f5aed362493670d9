// Which violations are the same.
#include "search/violations.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

TEST(Shape, LeavesOutWhatDiffersFromRunToRun) {
  EXPECT_EQ(shape_of("process 0 read x = 1 after it had read 2"),
            "process N read x = N after it had read N");
  EXPECT_EQ(shape_of("1522 acknowledged adds lost, all acknowledged 7.7ms–31s after the cut"),
            "N acknowledged adds lost, all acknowledged N–N after the cut");
  EXPECT_EQ(shape_of("on key 'kv/17' only 20.5% of 400 hold"), "on key X only N of N hold");
  EXPECT_EQ(shape_of("read 92 or 10000091"), "read N");
  EXPECT_EQ(shape_of("lease 7587dd1f03a45c11 of e1 and e2/etcd"), "lease X of eN and eN/etcd");
}

TEST(Shape, IsTheSameForListsOfAnyLength) {
  const std::string one = shape_of("read 4, but only 9 was possible there");
  EXPECT_EQ(one, "read N, but only N was possible there");
  EXPECT_EQ(shape_of("read 4, but only 9 or 3 or 12 was possible there"), one);
  EXPECT_EQ(shape_of("missing 4, 5, 6 and 7"), "missing N");
  EXPECT_EQ(shape_of("N Noise stays"), "N Noise stays");
}

TEST(Shape, ForgetsWhichFaultsWereActive) {
  EXPECT_EQ(shape_of("a read is 3s stale, while network.partition cut (e1 | e2) was active"),
            "a read is N stale");
}

TEST(Shape, TellsDifferentMistakesApart) {
  EXPECT_NE(shape_of("process 1 read 4, which nobody had written"),
            shape_of("process 1 read 4, but only 9 was possible there"));
  EXPECT_NE(shape_of("it's late"), shape_of("it's early"));
}

TEST(Shape, SurvivesAnything) {
  EXPECT_EQ(shape_of(""), "");
  EXPECT_EQ(shape_of("'"), "'");
  EXPECT_EQ(shape_of("\"open"), "\"open");
  EXPECT_EQ(shape_of(std::string(300, 'a')).size(), 200U + std::string("…").size());
}

TEST(Violations, AreTheVerdictsThatAreViolated) {
  VerdictRow valid;
  valid.check = "log-pattern";
  valid.answer = "valid";
  VerdictRow violated;
  violated.check = "linearizable{client=kv}";
  violated.answer = "violated";
  violated.summary = "process 3 read 4, while cut was active (and 2 more keys)";
  violated.detail = R"({"witnesses":[{"operations":[1],"why":"process 3 read 4"}]})";
  const std::vector<Violation> expected = {{violated.check, "process N read N", violated.summary}};
  EXPECT_EQ(violations_of({valid, violated}), expected);
  violated.detail = "not JSON";
  EXPECT_EQ(violations_of({violated})[0].shape, "process N read N");
}

}  // namespace
}  // namespace squall
