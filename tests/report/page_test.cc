// The HTML page and the Markdown: what a stranger's text cannot do, and how large they may become.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/html.h"
#include "report/markdown.h"
#include "report/page_parts.h"
#include "report/web_assets.h"
#include "tests/report/synthetic_run.h"

namespace squall {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMegabyte = 1'000'000;

struct Pages {
  std::string html;
  std::string markdown;
  Json data;
};

Pages pages_of(const Recording& run, const Recording* control = nullptr) {
  const Scenario scenario = test::synthetic_scenario();
  const Judgement judgement = judge(scenario, run);
  const ReportInput input{scenario, run, judgement, control};
  return {html_report(input), markdown_report(input), Json::parse(page_data(input))};
}

// With operations, so that witnesses 0 to 2 exist.
Recording run_with_operations(std::size_t operations) {
  Recording run = test::violated_run();
  const FunctionId add = run.history.functions().intern("add");
  const ValueId key = run.history.values().text("set");
  for (int i = 0; i < 4; ++i) run.history.add_process({.client = "set", .id = i, .node = "e1"});
  const std::int64_t length = 120'000'000'000;
  for (std::size_t i = 0; i < operations; ++i) {
    const std::int64_t at =
        static_cast<std::int64_t>(i) * (length / static_cast<std::int64_t>(operations));
    const bool is_bad = i % 10 == 3;
    run.history.append(
        {.scheduled = at,
         .sent = at + 640,
         .completed = is_bad ? kNever : at + 1'000'000 + static_cast<std::int64_t>(i % 977) * 1000,
         .process = static_cast<ProcessIndex>(i % 4),
         .function = add,
         .outcome = is_bad ? Outcome::kInfo : Outcome::kOk,
         .key = key,
         .value = run.history.values().integer(static_cast<std::int64_t>(i))},
        is_bad ? "timeout" : "");
  }
  run.history.sort_by_sent();
  return run;
}

void set_witness(Recording& run, const std::string& detail) {
  run.verdicts.back().detail = detail;
}

// The bytes between the first `open` and the next `close`.
std::string between(const std::string& text, const std::string& open, const std::string& close) {
  const std::size_t from = text.find(open);
  if (from == std::string::npos) return "";
  const std::size_t start = from + open.size();
  return text.substr(start, text.find(close, start) - start);
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++count;
  return count;
}

TEST(Html, LetsNoTextOfTheRunBecomeMarkup) {
  Recording run = run_with_operations(30);
  const std::string evil = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>";
  run.logs = {{1, "e1", "etcd", evil}};
  run.meta["scenario"] = evil;
  run.meta["environment"] = Json({{"kernel", evil}}).dump();
  run.faults.front().targets = evil;
  run.evidence.front().observed = evil;
  run.verdicts.front().summary = evil;
  const Pages pages = pages_of(run);
  // Ours: the data and the script.
  EXPECT_EQ(count_of(pages.html, "<script"), 2U);
  EXPECT_EQ(count_of(pages.html, "</script"), 2U);
  EXPECT_EQ(count_of(pages.html, "<!--"), 0U);
  EXPECT_EQ(count_of(pages.html, "<img"), 0U);
  EXPECT_EQ(pages.data["logs"]["lines"][0][3], evil) << "and the text itself is still there";
  // In its fence, the command to type is shown as it is.
  const std::string prose = pages.markdown.substr(0, pages.markdown.find("```sh"));
  EXPECT_EQ(prose.find('<'), std::string::npos) << prose;
}

TEST(Html, KeepsAPlaceholdersNameInTheDataAsItIs) {
  Recording run = run_with_operations(1);
  run.logs = {{1, "e1", "etcd", "{{script}} {{data}}"}};
  const Pages pages = pages_of(run);
  EXPECT_EQ(pages.data["logs"]["lines"][0][3], "{{script}} {{data}}");
  EXPECT_EQ(count_of(pages.html, "{{script}}"), 1U);
}

TEST(Html, AllowsOnlyItsOwnScriptAndStyle) {
  const std::string html = pages_of(run_with_operations(1)).html;
  const std::string policy = between(html, "Content-Security-Policy\" content=\"", "\"");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'sha256-")) << policy;
  EXPECT_EQ(count_of(policy, "unsafe"), 0U);
  EXPECT_EQ(between(html, "<script>", "</script>"), std::string(web_js()));
  EXPECT_EQ(between(html, "<style>", "</style>"), std::string(web_css()));
  EXPECT_EQ(count_of(html, "http://") - count_of(html, "http://www.w3.org/2000/svg"), 0U);
  EXPECT_EQ(count_of(html, "https://"), 0U);
}

TEST(Html, IsUtf8WhateverTheStackWrote) {
  Recording run = run_with_operations(1);
  run.logs = {{1, "e1", "etcd", "\xff\xc3(\x01 é"}};
  EXPECT_EQ(pages_of(run).data["logs"]["lines"][0][3], "\\xff\\xc3(\x01 é");
}

TEST(Html, StaysBelowTwoMegabytesWithAMillionOperations) {
  Recording run = run_with_operations(1'000'000);
  set_witness(run,
              R"({"witnesses":[{"operations":[3,999999],"why":"lost"}],"facts":{"lost":"1"}})");
  const Recording control = run;
  const Pages pages = pages_of(run, &control);
  EXPECT_LT(pages.html.size(), 2 * kMegabyte);
  std::uint64_t offered = 0;
  for (const Json& count : pages.data["series"]["offered"]) offered += count.get<std::uint64_t>();
  EXPECT_EQ(offered, 1'000'000U);
  EXPECT_LE(pages.data["series"]["offered"].size(), kMaxWindows);
  EXPECT_EQ(pages.data["checks"][2]["witnesses"][0]["operations"][1]["index"], 999'999);
}

// The worst that a run file may hold: everything long, all of it to be escaped.
Recording hostile_run() {
  Recording run = run_with_operations(2000);
  const std::string noise(1500, '<');
  for (int i = 0; i < 5000; ++i) run.logs.push_back({i * 1'000'000LL, noise, noise, noise});
  const FaultInterval fault = run.faults.front();
  for (int i = 0; i < 300; ++i) {
    FaultInterval copy = fault;
    copy.id = "cut" + std::to_string(i);
    copy.targets = copy.parameters = copy.ending = noise;
    run.faults.push_back(copy);
    for (int n = 0; n < 20; ++n) {
      run.evidence.push_back(
          {copy.id, "installed", "during", noise, noise, noise, noise, false, n});
    }
  }
  Json facts = Json::object();
  for (int i = 0; i < 100; ++i) facts[noise + std::to_string(i)] = noise;
  Json witnesses = Json::array();
  for (int i = 0; i < 40; ++i) {
    witnesses.push_back({{"why", noise}, {"operations", std::vector<int>(100, i)}});
  }
  const std::string detail = Json({{"witnesses", witnesses}, {"facts", facts}}).dump();
  for (int i = 0; i < 200; ++i) {
    const bool has_detail = i < 2;  // one is as much as a page may show of all
    run.verdicts.push_back(
        {noise, noise, "violated", "safety", 1, noise, has_detail ? detail : "{}"});
    run.agents.push_back({noise + std::to_string(i), "", ""});
  }
  run.meta["resolved"] = std::string(1'000'000, '<');
  run.meta["environment"] = facts.dump();
  return run;
}

TEST(Html, StaysBelowTwoMegabytesWhateverTheRunFileHolds) {
  const Pages pages = pages_of(hostile_run());
  EXPECT_LT(pages.html.size(), 2 * kMegabyte);
  EXPECT_LT(pages.data["checks"].size(), 200U);
  EXPECT_EQ(pages.data["faults_in_all"], 302);
}

TEST(Markdown, StaysBelowItsLimitAndKeepsHowToRunItAgain) {
  const std::string markdown = pages_of(hostile_run()).markdown;
  EXPECT_LE(markdown.size(), kMaxMarkdownBytes);
  EXPECT_NE(markdown.find("squall run scenarios/redis-set.yaml --seed 7"), std::string::npos);
  EXPECT_NE(markdown.find("… cut here"), std::string::npos);
}

TEST(Markdown, LetsNoTextBreakATableOrMentionAnybody) {
  Recording run = run_with_operations(1);
  run.verdicts.front().summary = "a|b @team `x` *y* <b>\nnew row |";
  const std::string markdown = pages_of(run).markdown;
  EXPECT_NE(markdown.find("| a\\|b @\u200bteam \\`x\\` \\*y\\* &lt;b&gt; new row \\| |"),
            std::string::npos)
      << markdown;
}

TEST(Page, ShowsOnlyOperationsThatAreThere) {
  Recording run = run_with_operations(3);
  set_witness(run, R"({"witnesses":[{"operations":[2,3,-1,"x",4000000000],"why":"w"}, 7]})");
  const Json witness = pages_of(run).data["checks"][2]["witnesses"][0];
  ASSERT_EQ(witness["operations"].size(), 1U);
  EXPECT_EQ(witness["operations"][0]["index"], 2);
  EXPECT_EQ(witness["operations"][0]["text"], run.history.describe(2));
}

TEST(Page, PutsTheLogsAroundTheFirstWitness) {
  Recording run = run_with_operations(1000);
  for (int i = 0; i < 4000; ++i) run.logs.push_back({i * 30'000'000LL, "e1", "etcd", "line"});
  set_witness(run, R"({"witnesses":[{"operations":[500],"why":"w"}]})");
  const Json logs = pages_of(run).data["logs"];
  EXPECT_EQ(logs["anchor"], "the first witness");
  EXPECT_EQ(logs["lines"].size(), kMaxLogLines);
  EXPECT_EQ(logs["in_all"], 4000);
  const std::int64_t at = run.history.sent()[500];
  EXPECT_LT(logs["lines"][0][0].get<std::int64_t>(), at);
  EXPECT_GT(logs["lines"][kMaxLogLines - 1][0].get<std::int64_t>(), at);
}

TEST(Page, NamesTheNodesThatAFaultHit) {
  const std::vector<std::string> nodes = {"e1", "e2", "e3", "e11"};
  EXPECT_EQ(nodes_in("e1, e2 | e3", nodes), (std::vector<std::string>{"e1", "e2", "e3"}));
  EXPECT_EQ(nodes_in("e2/etcd", nodes), (std::vector<std::string>{"e2"}));
  EXPECT_EQ(nodes_in("e1→e11", nodes), (std::vector<std::string>{"e1", "e11"}));
  EXPECT_TRUE(nodes_in("", nodes).empty());
}

TEST(Page, SetsTheControlBesideTheSameSpanOfTheRun) {
  Recording run = run_with_operations(1200);
  run.meta["timeline_start_ns"] = "2000000000";
  Recording control = run_with_operations(1200);
  control.meta["timeline_start_ns"] = "2500000000";
  const Json phases = pages_of(run, &control).data["phases"];
  ASSERT_EQ(phases.size(), 3U);
  EXPECT_EQ(phases[1]["run"]["from"], 3'000'000'000);
  EXPECT_EQ(phases[1]["control"]["from"], 3'500'000'000);
  EXPECT_EQ(phases[1]["run"]["offered"], 100);
}

TEST(Control, IsARunOfTheSameScenarioAndSeedWithoutItsFaults) {
  Recording run = test::violated_run();
  Recording control = run;
  control.meta["control"] = "true";
  EXPECT_TRUE(match_control(run, control).ok());
  control.meta["seed"] = "8";
  EXPECT_EQ(match_control(run, control).error().what,
            "has seed 8 and the run has seed 7; make one: squall run scenarios/redis-set.yaml "
            "--seed 7 --control");
  EXPECT_EQ(match_control(run, run).error().what,
            "is a run of 'redis-set' with its faults; make one: squall run "
            "scenarios/redis-set.yaml --seed 7 --control");
  control.meta["scenario"] = "other";
  EXPECT_EQ(match_control(run, control).error().what,
            "is a run of 'other' and no control of 'redis-set'; make one: squall run "
            "scenarios/redis-set.yaml --seed 7 --control");
}

TEST(ReproduceCommand, IsTheOneThatMadeTheRun) {
  Recording run = test::violated_run();
  run.meta["environment"] = R"({"command":"squall run a.yaml --seed 7 --set 'x=a b'"})";
  EXPECT_EQ(reproduce_command(run), "squall run a.yaml --seed 7 --set 'x=a b'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word("seed=9"), "seed=9");
  EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace squall
