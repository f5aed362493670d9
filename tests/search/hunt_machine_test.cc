// What a hunt runs next, when it is over, and what it keeps.
#include "search/hunt_machine.h"

#include <gtest/gtest.h>

#include "search/hunt_file.h"
#include "search/hunt_text.h"

namespace squall {
namespace {

std::vector<HuntCase> first_seeds(std::uint64_t count) {
  std::vector<HuntCase> cases;
  for (std::uint64_t seed = 1; seed <= count; ++seed) cases.push_back({seed, std::nullopt});
  return cases;
}

CaseResult result(std::uint64_t seed, RunOutcome outcome) {
  CaseResult made{{seed, std::nullopt}, outcome};
  if (outcome == RunOutcome::kViolation) {
    made.exit_code = 1;
    made.file = file_stem(made.wanted) + ".squall";
    made.violations = {
        {"linearizable{client=kv}", "process N read N", "process 3 read " + std::to_string(seed)}};
  } else if (outcome != RunOutcome::kClean) {
    made.reason = "fault 'cut-" + std::to_string(seed) + "' started 300ms late";
  }
  return made;
}

std::string started(HuntMachine& machine) {
  std::string seeds;
  while (const auto wanted = machine.next()) {
    seeds += (seeds.empty() ? "" : " ") + std::to_string(wanted->seed);
  }
  return seeds;
}

TEST(HuntMachine, RunsAsManyAtOnceAsItMay) {
  HuntMachine machine(first_seeds(5), {.jobs = 2});
  EXPECT_EQ(started(machine), "1 2");
  EXPECT_TRUE(machine.on_ended(result(2, RunOutcome::kClean)));
  EXPECT_EQ(started(machine), "3");
  EXPECT_EQ(machine.left(), 4U);
  EXPECT_FALSE(machine.is_over());
}

TEST(HuntMachine, StopsAtTheFirstViolationUnlessAllAreWanted) {
  HuntMachine first(first_seeds(5), {.jobs = 2});
  EXPECT_EQ(started(first), "1 2");
  EXPECT_TRUE(first.on_ended(result(1, RunOutcome::kViolation)));
  EXPECT_TRUE(first.is_decided());
  EXPECT_EQ(started(first), "");
  first.on_cut_off({2, std::nullopt});
  EXPECT_TRUE(first.is_over());
  EXPECT_EQ(first.left(), 4U) << "what was cut off stays to be done";

  HuntMachine all(first_seeds(2), {.jobs = 1, .until_all = true});
  EXPECT_EQ(started(all), "1");
  EXPECT_TRUE(all.on_ended(result(1, RunOutcome::kViolation)));
  EXPECT_EQ(started(all), "2");
  EXPECT_TRUE(all.on_ended(result(2, RunOutcome::kClean)));
  EXPECT_TRUE(all.is_over());
}

TEST(HuntMachine, TriesAnInvalidRunAgainAndThenCountsIt) {
  HuntMachine machine(first_seeds(2), {.jobs = 1, .retries = 1});
  EXPECT_EQ(started(machine), "1");
  EXPECT_FALSE(machine.on_ended(result(1, RunOutcome::kInvalid)));
  EXPECT_EQ(started(machine), "2") << "later, when the machine may be less busy";
  EXPECT_TRUE(machine.on_ended(result(2, RunOutcome::kClean)));
  EXPECT_EQ(started(machine), "1");
  EXPECT_TRUE(machine.on_ended(result(1, RunOutcome::kInvalid)));
  EXPECT_EQ(machine.counts().invalid, 1U);
  EXPECT_EQ(machine.results().back().attempts, 2);
  EXPECT_TRUE(machine.is_over());
}

TEST(HuntMachine, AnAttemptThatWasCutOffIsNone) {
  HuntMachine machine(first_seeds(1), {.jobs = 1, .retries = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(started(machine), "1");
    machine.on_cut_off({1, std::nullopt});
  }
  EXPECT_EQ(started(machine), "1");
  EXPECT_TRUE(machine.on_ended(result(1, RunOutcome::kClean)));
  EXPECT_EQ(machine.results().back().attempts, 1);
}

TEST(HuntMachine, GoesOnFromWhatIsKnown) {
  HuntMachine machine(first_seeds(4), {.jobs = 9},
                      {result(1, RunOutcome::kClean), result(3, RunOutcome::kInconclusive)});
  EXPECT_EQ(started(machine), "2 4");
  EXPECT_EQ(machine.counts().done(), 2U);

  HuntMachine decided(first_seeds(4), {.jobs = 9}, {result(1, RunOutcome::kViolation)});
  EXPECT_EQ(started(decided), "");
  EXPECT_TRUE(decided.is_over());
}

TEST(HuntMachine, StopsStartingWhenItIsTold) {
  HuntMachine machine(first_seeds(4), {.jobs = 1});
  EXPECT_EQ(started(machine), "1");
  machine.stop();
  EXPECT_TRUE(machine.on_ended(result(1, RunOutcome::kClean)));
  EXPECT_EQ(started(machine), "");
  EXPECT_TRUE(machine.is_over());
  EXPECT_EQ(machine.left(), 3U);
}

TEST(HuntExitCode, SaysWhetherSomethingWasFoundAndWhetherThatIsSure) {
  EXPECT_EQ(exit_code_of({.clean = 10}), 0);
  EXPECT_EQ(exit_code_of({.clean = 9, .invalid = 1}), 0);
  EXPECT_EQ(exit_code_of({.clean = 8, .invalid = 1, .inconclusive = 1}), 4);
  EXPECT_EQ(exit_code_of({.invalid = 1}), 4);
  EXPECT_EQ(exit_code_of({}), 4);
  EXPECT_EQ(exit_code_of({.found = 1, .invalid = 99}), 1);
}

HuntFile some_file() {
  HuntFile file;
  file.name = "etcd-random";
  file.identity = {"abc", {{"squall", "1"}, {"etcd", "2"}}, "lab", "none"};
  file.seconds = 90;
  file.results = {result(1, RunOutcome::kClean), result(2, RunOutcome::kViolation),
                  result(7, RunOutcome::kViolation), result(9, RunOutcome::kInvalid)};
  file.results[1].wanted.perturb = 5;
  file.results[0].history = "e3b0";
  return file;
}

TEST(HuntFile, ReadsBackAsItself) {
  const std::string text = to_json(some_file());
  EXPECT_EQ(to_json(parse_hunt_file(text).value()), text);
}

TEST(HuntFile, RefusesWhatIsNone) {
  EXPECT_EQ(parse_hunt_file("{").error().what,
            "it is not the state of a hunt that this program knows");
  EXPECT_EQ(parse_hunt_file("[]").error().what,
            "it is not the state of a hunt that this program knows");
  EXPECT_EQ(parse_hunt_file(R"({"squall_hunt": 1})").error().what.substr(0, 13), "it is damaged");
}

TEST(HuntFile, SaysWhatHasChanged) {
  const HuntIdentity before = some_file().identity;
  HuntIdentity now = before;
  EXPECT_EQ(what_changed(before, now), "");
  now.programs["etcd"] = "3";
  EXPECT_EQ(what_changed(before, now), "the program 'etcd' has changed");
  now.programs["proxy"] = "3";
  now.programs["etcd"] = "2";
  EXPECT_EQ(what_changed(before, now), "the program 'proxy' was not there then");
  EXPECT_EQ(what_changed(now, before), "a program is gone");
  now.pairing = "1..3";
  EXPECT_EQ(what_changed(before, now), "it was begun with --perturb none, not 1..3");
  now.arena = "sealed";
  EXPECT_EQ(what_changed(before, now), "it was begun in the arena 'lab', not 'sealed'");
  now.scenario = "x";
  EXPECT_EQ(what_changed(before, now), "the scenario or its topology has changed");
}

TEST(HuntText, SumsUp) {
  HuntEnd end;
  end.file = some_file();
  end.left = 6;
  EXPECT_EQ(hunt_summary(end, "out"),
            "hunt etcd-random: 4 of 10 runs in 1m30s, 2.7 a minute\n"
            "  found 2 · clean 1 · invalid 1\n"
            "\n2 × linearizable{client=kv}: process N read N\n"
            "    such as seed 2 perturb 5: process 3 read 2\n"
            "    out/seed-2.squall\n"
            "    out/seed-7.squall\n"
            "\nruns that gave no answer\n"
            "    1 × fault X started N late\n"
            "\nnext: squall report out/seed-2.squall\n"
            "      squall shrink out/seed-2.squall\n");
  EXPECT_EQ(progress_line({.clean = 10, .found = 1, .invalid = 1}, 488, 2, 12, 60),
            "12/500 done: found 1, clean 10, invalid 1 | 2 running | 12.0 runs/min");
}

}  // namespace
}  // namespace squall
