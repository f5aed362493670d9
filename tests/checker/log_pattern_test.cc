// log-pattern: lines that say that something broke.
#include <gtest/gtest.h>

#include "tests/checker/history_text.h"

namespace squall {
namespace {

using test::check;
using test::kMs;

Recording with_logs(std::vector<LogLine> lines) {
  Recording recording;
  recording.logs = std::move(lines);
  return recording;
}

TEST(LogPattern, QuotesTheLineThatSaysPanic) {
  Recording recording = with_logs({{1000 * kMs, "e1", "etcd", "ready"},
                                   {2500 * kMs, "e2", "etcd", "panic: index out of range"},
                                   {2600 * kMs, "e2", "etcd", "fatal error: all dead"}});
  recording.faults = {test::fault("cut", "network.partition", "e1 | e2", 2000, 3000)};
  const Verdict verdict = check("log-pattern", recording);
  EXPECT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "etcd on e2 wrote at 2.5s: panic: index out of range, while cut (network.partition e1 "
            "| e2) was active (and 1 more)");
  EXPECT_EQ(verdict.examined, 3U);
}

TEST(LogPattern, AcceptsQuietLogs) {
  const Verdict verdict =
      check("log-pattern:pattern=oops", with_logs({{0, "e1", "etcd", "panic: fine"}}));
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.summary, "1 line, none with 'oops'");
}

TEST(LogPattern, LooksAtTheChosenLinesOnly) {
  const Recording recording = with_logs({{0, "e1", "etcd", "panic: a"}, {0, "e2", "redis", "b"}});
  EXPECT_EQ(check("log-pattern:process=redis", recording).answer, Answer::kValid);
  EXPECT_EQ(check("log-pattern:node=e1", recording).answer, Answer::kViolated);
  EXPECT_EQ(check("log-pattern:node=e1,ignore=: a$", recording).answer, Answer::kValid);
  EXPECT_EQ(check("log-pattern:node=e9", recording).summary, "no log line was recorded");
}

TEST(LogPattern, ABadPatternIsNoAnswer) {
  const Verdict verdict = check("log-pattern:pattern=(", with_logs({{0, "", "x", "("}}));
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(verdict.summary.substr(0, 40), "'pattern': '(' is no regular expression:");
}

TEST(LogPattern, AHopelessPatternIsUnknownNotEndless) {
  const Recording recording = with_logs({{0, "", "x", std::string(5000, 'a') + "b"}});
  EXPECT_EQ(check("log-pattern:pattern=^(a+)+$", recording).summary,
            "1 line too hard for '^(a+)+$'");
}

TEST(LogPattern, LongLinesAndBadBytesAreQuotedSafely) {
  const Recording recording = with_logs({{0, "", "x", "panic: \xff" + std::string(70'000, 'z')}});
  const Verdict verdict = check("log-pattern", recording);
  EXPECT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_LT(verdict.summary.size(), 300U);
  EXPECT_NE(to_json(verdict).find("\xef\xbf\xbd"), std::string::npos);
}

}  // namespace
}  // namespace squall
