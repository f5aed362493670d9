// Checks as text, the registry, verdicts as JSON and rows.
#include <gtest/gtest.h>

#include "tests/checker/history_text.h"

namespace squall {
namespace {

std::string error_of(std::string_view text) {
  const Result<CheckRequest> request = parse_check(text);
  return request.ok() ? "no error" : request.error().what;
}

TEST(CheckRequest, ReadsAndPrintsItsParameters) {
  EXPECT_EQ(parse_check("set-full")->to_text(), "set-full");
  EXPECT_EQ(parse_check("set-full:client=redis-set")->to_text(), "set-full{client=redis-set}");
  EXPECT_EQ(parse_check("set-full:linearizable=false,fault=cut,bounded-loss=4s")->to_text(),
            "set-full{bounded-loss=4s,fault=cut}");
  EXPECT_EQ(parse_check("log-pattern:pattern=a{1\\,3}=b,node=e1")->params.text("pattern"),
            "a{1,3}=b");
}

TEST(CheckRequest, ErrorsNameWhatIsWrong) {
  EXPECT_EQ(error_of("set-ful"), "there is no checker 'set-ful'; did you mean 'set-full'?");
  EXPECT_EQ(error_of("set-full:client"),
            "check 'set-full': 'client' is not of the form param=value");
  EXPECT_EQ(error_of("set-full:=x"), "check 'set-full': '=x' is not of the form param=value");
  EXPECT_EQ(error_of("set-full:client=a,client=b"), "check 'set-full': 'client' is given twice");
  EXPECT_NE(error_of("set-full:clint=a").find("did you mean 'client'?"), std::string::npos);
  EXPECT_NE(error_of("bounded-staleness").find("'bound'"), std::string::npos);
  EXPECT_NE(error_of("linearizable:model=queue"), "no error");
}

TEST(Checkers, EachSaysWhatItDoesAndInAlphabeticalOrder) {
  std::string_view last;
  for (const CheckerRow& row : checkers()) {
    EXPECT_LT(last, row.name);
    last = row.name;
    EXPECT_FALSE(row.help.empty());
    EXPECT_GT(row.explain.size(), 200U) << row.name;
    EXPECT_EQ(find_checker(row.name), &row);
    for (const ParamSpec& spec : row.params) EXPECT_FALSE(spec.help.empty()) << spec.name;
  }
  EXPECT_EQ(checkers().size(), 28U);
  EXPECT_EQ(find_checker("sets"), nullptr);
}

TEST(Verdict, NothingSeenIsUnknown) {
  EXPECT_EQ(conclude(0, {{{1}, "bad"}}, "well", "nothing").answer, Answer::kUnknown);
  EXPECT_EQ(conclude(0, {}, "well", "nothing").summary, "nothing");
  EXPECT_EQ(conclude(3, {}, "well", "nothing").summary, "well");
  EXPECT_EQ(conclude(3, {{{1}, "bad"}}, "well", "nothing").summary, "bad");
  EXPECT_EQ(conclude(3, {{{1}, "bad"}, {{2}, "b"}}, "", "").summary, "bad (and 1 more)");
}

TEST(Verdict, BecomesARowOfTheRunFile) {
  const CheckRequest request = *parse_check("linearizable:client=kv");
  const Recording recording = test::recording("kv/0 ok write x 1 | kv/0 ok read x \"2");
  const VerdictRow row = to_row(request, run_check(request, recording, Budget{}));
  EXPECT_EQ(row.check, "linearizable{client=kv}");
  EXPECT_EQ(row.client, "kv");
  EXPECT_EQ(row.answer, "violated");
  EXPECT_EQ(row.kind, "safety");
  EXPECT_EQ(row.examined, 2U);
  EXPECT_EQ(row.detail,
            "{\"witnesses\":[{\"operations\":[1],\"why\":\"key x: process 0 read \\\"\\\\\\\"2\\\" "
            "(operation 1), which nobody had written\"}],\"facts\":{\"keys\":\"1\",\"operations\":"
            "\"2\",\"keys violated\":\"1\",\"keys undecided\":\"0\",\"steps\":\"1\",\"peak "
            "memory\":\"1 KiB\"}}");
}

}  // namespace
}  // namespace squall
