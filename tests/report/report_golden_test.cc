// The terminal summary and JUnit XML of three runs, as files.
#include <gtest/gtest.h>

#include <algorithm>

#include "report/junit.h"
#include "report/terminal.h"
#include "tests/report/synthetic_run.h"
#include "tests/support/golden.h"

namespace squall {
namespace {

const TerminalStyle kPlain{};

std::string terminal(const Recording& run, const TerminalStyle& style = kPlain) {
  const Scenario scenario = test::synthetic_scenario();
  return terminal_summary(scenario, run, judge(scenario, run), style);
}

std::string junit(const Recording& run) {
  const Scenario scenario = test::synthetic_scenario();
  return junit_xml(scenario, run, judge(scenario, run));
}

bool has_control_characters(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return (byte < 0x20 && letter != '\n') || byte == 0x7f;
  });
}

TEST(TerminalSummary, OfAViolationShowsItsWitnesses) {
  expect_golden("report/golden/violated.txt", terminal(test::violated_run()));
}

TEST(TerminalSummary, OfAnInvalidRunSaysWhy) {
  expect_golden("report/golden/invalid.txt", terminal(test::invalid_run()));
}

TEST(TerminalSummary, OfAnUnansweredCheckSaysWhatIsMissing) {
  expect_golden("report/golden/unknown.txt", terminal(test::unknown_run()));
}

TEST(TerminalSummary, CutsALongListOfWitnesses) {
  const std::string text = terminal(test::violated_run(), {.witnesses_max = 1});
  EXPECT_NE(text.find("… and 1 more"), std::string::npos) << text;
  EXPECT_EQ(text.find("add 205"), std::string::npos) << text;
}

TEST(TerminalSummary, LetsNoControlCharacterReachTheTerminal) {
  EXPECT_FALSE(has_control_characters(terminal(test::violated_run())));
  Recording odd = test::violated_run();
  odd.faults.front().targets = "e1\x1b[31m";
  odd.faults.front().ending = "lost\r\n";
  odd.meta["scenario"] = "\x7f\x1b";
  EXPECT_FALSE(has_control_characters(terminal(odd)));
}

TEST(Junit, HasACaseForEachCheckEachFaultAndTheRun) {
  expect_golden("report/golden/violated.xml", junit(test::violated_run()));
  expect_golden("report/golden/invalid.xml", junit(test::invalid_run()));
  expect_golden("report/golden/unknown.xml", junit(test::unknown_run()));
}

TEST(Junit, LetsNoControlCharacterReachTheFile) {
  EXPECT_FALSE(has_control_characters(junit(test::violated_run())));
}

TEST(Junit, IsUtf8WhateverALogLineWas) {
  Recording run = test::violated_run();
  run.verdicts.front().summary = "panic \xff\xc3";
  EXPECT_NE(junit(run).find("panic \\xff\\xc3"), std::string::npos) << junit(run);
}

TEST(TerminalSummary, LetsNoSecondSetOfControlCharactersThrough) {
  Recording run = test::violated_run();
  run.verdicts.front().summary =
      "a\xc2\x9b"
      "2Jb\x9b";
  EXPECT_NE(terminal(run).find("a 2Jb\\x9b"), std::string::npos) << terminal(run);
}

TEST(Junit, IsNoFailureWhereAViolationIsExpected) {
  Scenario scenario = test::synthetic_scenario();
  scenario.expect = Expect::kViolation;
  const Recording run = test::violated_run();
  const std::string xml = junit_xml(scenario, run, judge(scenario, run));
  EXPECT_NE(xml.find("failures=\"0\""), std::string::npos) << xml;
}

}  // namespace
}  // namespace squall
