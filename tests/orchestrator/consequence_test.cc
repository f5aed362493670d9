// What followed a fault.
#include "orchestrator/consequence.h"

#include <gtest/gtest.h>

#include "tests/orchestrator/run_text.h"

namespace squall {
namespace {

// "errors yes: more than …, observed …" for every row about one kind, one a line.
std::string rows(const std::string& text, const std::string& about) {
  std::string all;
  for (const EvidenceRow& row : consequences(test::recorded(text))) {
    if (row.what.find(about) == std::string::npos) continue;
    EXPECT_EQ(row.grade + " " + row.moment, "consequential during");
    all += (all.empty() ? "" : "\n") + row.fault + (row.holds ? " yes: " : " no: ") + row.expected +
           ", observed " + row.observed;
  }
  return all;
}

const std::string kCut = "fault cut 10s 17s i";  // counted until 20 s: the grace

TEST(Consequences, AreErrorsThatAreMoreThanTwiceAsMany) {
  EXPECT_EQ(
      rows(kCut + "|op kv ok 1s 1.1s|op kv fail 11s 11.1s refused|op kv ok 30s 31s", "errors"),
      "cut yes: more than 0.0 unavailable operations/s, observed 0.1 unavailable "
      "operations/s");
  EXPECT_EQ(rows(kCut + "|op kv fail 1s 1.1s no|op kv fail 11s 12s no|op kv fail 12s 13s no|"
                        "op kv ok 30s 31s",
                 "errors"),
            "cut no: more than 0.2 unavailable operations/s, observed 0.2 unavailable "
            "operations/s");
}

TEST(Consequences, AreNotNegativeAnswers) {
  EXPECT_EQ(rows(kCut + "|op kv fail 11s 11.1s answer: held|op kv ok 30s 31s", "errors"),
            "cut no: more than 0.0 unavailable operations/s, observed 0.0 unavailable "
            "operations/s");
}

TEST(Consequences, CountAnOperationThatTheFaultCaughtOnItsWay) {
  EXPECT_EQ(rows(kCut + "|op kv info 9.9s 12s timeout|op kv ok 30s 31s", "errors"),
            "cut yes: more than 0.0 unavailable operations/s, observed 0.1 unavailable "
            "operations/s");
}

TEST(Consequences, CountWhatNobodyEverAnswered) {
  EXPECT_EQ(rows(kCut + "|op kv info 11s never|op kv ok 30s 31s", "errors"),
            "cut yes: more than 0.0 unavailable operations/s, observed 0.1 unavailable "
            "operations/s");
}

TEST(Consequences, EndAfterTheGrace) {
  EXPECT_EQ(rows(kCut + "|op kv info 20s 21s timeout|op kv ok 30s 31s", "errors"),
            "cut no: more than 0.0 unavailable operations/s, observed 0.0 unavailable "
            "operations/s");
}

TEST(Consequences, AreMuchSlowerOperations) {
  EXPECT_EQ(rows(kCut + "|op kv ok 1s 1.1s|op kv ok 12s 12.4s|op kv ok 30s 31s", "slowest"),
            "cut yes: more than 300ms, observed 400ms");
  EXPECT_EQ(rows(kCut + "|op kv ok 1s 1.1s|op kv ok 12s 12.3s|op kv ok 30s 31s", "slowest"),
            "cut no: more than 300ms, observed 300ms");
}

TEST(Consequences, AreNotTheNoiseOfABusyHost) {
  EXPECT_EQ(rows(kCut + "|op kv ok 1s 1.001s|op kv ok 12s 12.05s|op kv ok 30s 31s", "slowest"),
            "cut no: more than 50ms, observed 50ms");
}

TEST(Consequences, AreElections) {
  EXPECT_EQ(
      rows(kCut + "|leader 0s 1|leader 12s 2|leader 14s 3|leader 25s 1|op kv ok 30s 31s", "leader"),
      "cut yes: at least 1, observed 2");
  EXPECT_EQ(rows(kCut + "|leader 0s 1|leader 25s 2|op kv ok 30s 31s", "leader"),
            "cut no: at least 1, observed 0");
}

TEST(Consequences, OfAnEventAreLookedForInTheGrace) {
  EXPECT_EQ(rows("event crash 10s i|leader 0s 1|leader 12.9s 2|op kv ok 30s 31s", "leader"),
            "crash yes: at least 1, observed 1");
  EXPECT_EQ(rows("event crash 10s i|leader 0s 1|leader 13s 2|op kv ok 30s 31s", "leader"),
            "crash no: at least 1, observed 0");
}

TEST(Consequences, AreCountedForEachFault) {
  EXPECT_EQ(
      rows("fault a 10s 11s i|fault b 20s 21s i|op kv info 21s 22s no|op kv ok 30s 31s", "errors"),
      "a no: more than 0.0 unavailable operations/s, observed 0.0 unavailable operations/s\n"
      "b yes: more than 0.0 unavailable operations/s, observed 0.2 unavailable "
      "operations/s");
}

TEST(Consequences, NeedAFault) {
  EXPECT_TRUE(consequences(test::recorded("op kv info 1s 2s no")).empty());
}

}  // namespace
}  // namespace squall
