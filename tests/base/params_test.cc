// Parameter tables: what passes, what is refused with which words, and typed access.
#include "base/params.h"

#include <gtest/gtest.h>

#include <array>

namespace squall {
namespace {

constexpr std::array<ParamSpec, 7> kSpecs = {{
    {"delay", ParamType::kDuration, kRequired, "how long each packet waits", ""},
    {"loss", ParamType::kPercent, "0%", "share of the packets that are dropped", ""},
    {"count", ParamType::kInteger, "3", "how many times", ""},
    {"factor", ParamType::kNumber, "1.5", "by how much", ""},
    {"guard", ParamType::kChoice, "none", "what protects the write", "none|revision"},
    {"strict", ParamType::kBoolean, "false", "stop at the first problem", ""},
    {"note", ParamType::kText, "", "anything", ""},
}};

using Given = std::map<std::string, std::string>;

Result<Params> make(const Given& given) {
  return make_params(kSpecs, given);
}
// The problem with one parameter, while the required one is right.
std::string problem(const std::string& name, const std::string& text) {
  Given given{{"delay", "20ms"}};
  given[name] = text;
  const Result<Params> params = make(given);
  return params.ok() ? "" : params.error().what;
}

TEST(Params, DefaultsFillWhatWasNotGiven) {
  const Params params = *make({{"delay", "20ms"}});
  EXPECT_EQ(params.duration("delay"), std::chrono::milliseconds(20));
  EXPECT_EQ(params.percent("loss"), 0.0);
  EXPECT_EQ(params.integer("count"), 3);
  EXPECT_EQ(params.number("factor"), 1.5);
  EXPECT_EQ(params.text("guard"), "none");
  EXPECT_FALSE(params.boolean("strict"));
}

TEST(Params, GivenValuesReplaceDefaults) {
  const Params params = *make({{"delay", "1m"},
                               {"loss", "12.5%"},
                               {"count", "-4"},
                               {"factor", "2"},
                               {"guard", "revision"},
                               {"strict", "true"}});
  EXPECT_EQ(params.duration("delay"), std::chrono::minutes(1));
  EXPECT_EQ(params.percent("loss"), 0.125);
  EXPECT_EQ(params.integer("count"), -4);
  EXPECT_EQ(params.number("factor"), 2.0);
  EXPECT_EQ(params.text("guard"), "revision");
  EXPECT_TRUE(params.boolean("strict"));
}

TEST(Params, AnOptionalTextIsThereOnlyIfGiven) {
  EXPECT_FALSE(make({{"delay", "1s"}})->has("note"));
  EXPECT_TRUE(make({{"delay", "1s"}, {"note", "x"}})->has("note"));
  EXPECT_FALSE(make({{"delay", "1s"}})->has("no-such-name"));
}

TEST(Params, ValuesStayAsWrittenForTheRunFile) {
  EXPECT_EQ(make({{"delay", "1500ms"}})->all().at("delay"), "1500ms");
  EXPECT_EQ(make({{"delay", "1500ms"}})->all().size(), kSpecs.size());
}

TEST(Params, RefusesTheWrongUnit) {
  EXPECT_EQ(problem("delay", "20"),
            "'delay': '20' is not a duration; write a number and a unit such as 40ms, 3s, 1m30s");
  EXPECT_EQ(problem("loss", "20"), "'loss': '20' is not a percentage; write 20%");
  EXPECT_EQ(problem("loss", "x%"), "'loss': 'x' is not a percentage");
  EXPECT_EQ(problem("loss", "101%"), "'loss': '101%' is outside 0% to 100%");
  EXPECT_EQ(problem("loss", "-1%"), "'loss': '-1%' is outside 0% to 100%");
}

TEST(Params, NotANumberIsNoPercentage) {
  EXPECT_EQ(problem("loss", "nan%"), "'loss': 'nan' is not a percentage");
  EXPECT_EQ(problem("factor", "nan"), "'factor': 'nan' is not a number");
  EXPECT_EQ(problem("factor", "inf"), "'factor': 'inf' is not a number");
}

TEST(Params, RefusesWhatIsNotOfTheType) {
  EXPECT_EQ(problem("count", "1.5"), "'count': '1.5' is not a whole number");
  EXPECT_EQ(problem("count", ""), "'count': '' is not a whole number");
  EXPECT_EQ(problem("factor", "2x"), "'factor': '2x' is not a number");
  EXPECT_EQ(problem("strict", "yes"), "'strict': 'yes' is neither true nor false");
  EXPECT_EQ(problem("guard", "revison"),
            "'guard': 'revison' is not known; did you mean 'revision'?");
}

TEST(Params, AMissingValueIsExplainedByItsHelp) {
  EXPECT_EQ(make({}).error().what, "'delay' is missing: how long each packet waits");
}

TEST(Params, AllProblemsAreReportedAtOnce) {
  EXPECT_EQ(make({{"dealy", "20ms"}, {"count", "x"}}).error().what,
            "'count': 'x' is not a whole number; unknown key 'dealy'; did you mean 'delay'?; "
            "'delay' is missing: how long each packet waits");
}

TEST(Params, ProblemsSayWhereTheyStand) {
  std::vector<ParamProblem> problems;
  const Result<Params> params =
      make_params(kSpecs, {{"delay", RawParam{.text = "5", .line = 12, .column = 9}}}, problems);
  EXPECT_EQ(params.error().what, "1 bad parameter(s)");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].name, "delay");
  EXPECT_EQ(problems[0].line, 12);
  EXPECT_EQ(problems[0].column, 9);
}

TEST(ParamTypeText, NamesEveryType) {
  EXPECT_EQ(to_text(ParamType::kDuration), "duration");
  EXPECT_EQ(to_text(ParamType::kChoice), "choice");
}

TEST(ParamsDeathTest, AskingForANameOutsideTheTableIsOurBug) {
  const Params params = *make({{"delay", "1s"}});
  EXPECT_DEATH((void)params.text("no-such-name"), "CHECK");
}

}  // namespace
}  // namespace squall
