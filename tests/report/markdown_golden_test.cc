// The Markdown of three runs, as files.
#include <gtest/gtest.h>

#include "report/markdown.h"
#include "tests/report/synthetic_run.h"
#include "tests/support/golden.h"

namespace squall {
namespace {

std::string markdown(const Recording& run) {
  const Scenario scenario = test::synthetic_scenario();
  return markdown_report({scenario, run, judge(scenario, run)});
}

TEST(Markdown, OfAViolationShowsItsWitnessInWords) {
  Recording run = test::violated_run();
  run.history.add_process({.client = "set", .id = 3, .node = "e1"});
  const FunctionId add = run.history.functions().intern("add");
  for (int i = 0; i < 2; ++i) {
    run.history.append({.scheduled = i * 1'000'000,
                        .sent = i * 1'000'000,
                        .completed = i * 1'000'000 + 500'000,
                        .process = 0,
                        .function = add,
                        .outcome = Outcome::kOk,
                        .key = run.history.values().text("x|y"),
                        .value = run.history.values().integer(204 + i)});
  }
  run.verdicts.back().detail = R"({"witnesses":[{"operations":[0,1],"why":"add 204 is gone"}]})";
  expect_golden("report/golden/violated.markdown", markdown(run));
}

TEST(Markdown, OfAnInvalidRunSaysWhy) {
  expect_golden("report/golden/invalid.markdown", markdown(test::invalid_run()));
}

TEST(Markdown, OfAnUnansweredCheckSaysWhatIsMissing) {
  expect_golden("report/golden/unknown.markdown", markdown(test::unknown_run()));
}

}  // namespace
}  // namespace squall
