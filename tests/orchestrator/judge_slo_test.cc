// Judging SLO verdicts: an unfaulted stack that misses its own SLO makes the run invalid.
#include <gtest/gtest.h>

#include "orchestrator/judge.h"
#include "tests/orchestrator/run_text.h"
#include "tests/orchestrator/small_run.h"

namespace squall {
namespace {

using test::recorded;
using test::small_run;

constexpr const char* kCut =
    "[{at: 3s, for: 10s, fault: network.partition, between: [e1, e2], name: cut}]";

Recording with_detail(const std::string& detail) {
  Recording recording = recorded("fault cut 3s 13s ixc|verdict slo unknown too slow");
  recording.verdicts.at(0).check = "slo{latency=20ms}";
  recording.verdicts.at(0).detail = detail;
  return recording;
}

TEST(JudgeSlo, ABrokenBaselineIsInvalid) {
  const Judgement judgement =
      judge(small_run(kCut), with_detail(R"({"witnesses":[],"invalid":"p95 was 50ms"})"));
  EXPECT_EQ(judgement.code, ExitCode::kInvalid);
  EXPECT_EQ(judgement.sentence, "invalid, did not run as written: slo{latency=20ms}: p95 was 50ms");
  EXPECT_EQ(judgement.applies,
            (std::vector<ExitCode>{ExitCode::kInvalid, ExitCode::kInconclusive}));
}

TEST(JudgeSlo, DetailsOfAStrangerAreNotBelieved) {
  for (const char* const detail : {"", "{", "[]", R"({"invalid":7})", R"({"witnesses":[]})"}) {
    EXPECT_EQ(judge(small_run(kCut), with_detail(detail)).code, ExitCode::kInconclusive) << detail;
  }
}

}  // namespace
}  // namespace squall
