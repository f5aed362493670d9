// The checkers against public histories whose verdicts are known.
#include "tests/checker/known_histories.h"

#include <gtest/gtest.h>
#include <fstream>
#include <nlohmann/json.hpp>

#include "history/jsonl.h"
#include "tests/checker/history_text.h"

namespace squall {
namespace {

using Json = nlohmann::json;

#define FOLDER_OR_SKIP(name)                                        \
  const std::optional<std::string> name = test::histories_folder(); \
  if (!name) GTEST_SKIP() << "SQUALL_HISTORIES is not set: no known histories to check"

void expect_known_verdicts(const std::string& folder, const std::string& subfolder,
                           std::size_t count) {
  const std::vector<test::KnownHistory> all = test::known_registers(folder, subfolder);
  EXPECT_EQ(all.size(), count);
  for (const test::KnownHistory& known : all) {
    const Verdict verdict = test::check(known.request, test::load(folder, known.file));
    EXPECT_EQ(to_text(verdict.answer), to_text(known.expected))
        << known.file << " " << known.request << ": " << verdict.summary;
    EXPECT_EQ(verdict.witnesses.empty(), known.expected == Answer::kValid) << known.file;
  }
}

TEST(KnownHistories, FiftyEtcdRunsOfPorcupine) {
  FOLDER_OR_SKIP(folder);
  expect_known_verdicts(*folder, "porcupine-etcd", 50);
}

TEST(KnownHistories, CasRegistersOfKnossos) {
  FOLDER_OR_SKIP(folder);
  expect_known_verdicts(*folder, "knossos/cas-register", 53);
}

void expect_model(const std::string& folder, const std::string& file, const std::string& model,
                  Answer expected) {
  const Verdict verdict = test::check("linearizable:model=" + model, test::load(folder, file));
  EXPECT_EQ(to_text(verdict.answer), to_text(expected)) << file << ": " << verdict.summary;
}

TEST(KnownHistories, KeyValueRunsOfPorcupine) {
  FOLDER_OR_SKIP(folder);
  for (const char* const clients : {"c01", "c10"}) {
    const std::string file = std::string("porcupine-kv/") + clients;
    expect_model(*folder, file + "-ok.jsonl", "key-value", Answer::kValid);
    expect_model(*folder, file + "-bad.jsonl", "key-value", Answer::kViolated);
  }
}

TEST(KnownHistories, TheMultiRegisterOfKnossos) {
  FOLDER_OR_SKIP(folder);
  expect_model(*folder, "knossos/multi-register/good/multi-register.jsonl",
               "multi-register,init=0,nil-read=wildcard", Answer::kValid);
}

TEST(KnownHistories, WitnessesAreAFewOperations) {
  FOLDER_OR_SKIP(folder);
  for (const test::KnownHistory& known : test::known_registers(*folder, "porcupine-etcd")) {
    if (known.expected != Answer::kViolated) continue;
    const Verdict verdict = test::check(known.request, test::load(*folder, known.file));
    ASSERT_FALSE(verdict.witnesses.empty());
    EXPECT_LE(verdict.witnesses[0].operations.size(), 12U) << known.file << verdict.summary;
  }
}

// Its times go back and forth between recording threads; the order of its lines is what counts.
TEST(KnownHistories, TheMutexOfKnossosIsHeldTwice) {
  FOLDER_OR_SKIP(folder);
  std::ifstream file(*folder + "/knossos/mutex/bad/etcd.jsonl");
  std::string lines;
  for (std::string line; std::getline(file, line);) {
    Json event = Json::parse(line);
    event.erase("t");
    if (event["p"].is_number()) lines += event.dump() + "\n";
  }
  Recording recording;
  recording.history = read_jsonl(lines, "mutex").value();
  for (const char* const request : {"mutual-exclusion", "linearizable:model=mutex"}) {
    const Verdict verdict = test::check(request, recording);
    EXPECT_EQ(verdict.answer, Answer::kViolated) << verdict.summary;
  }
}

TEST(KnownHistories, TheSetOfEllesCommandLineLosesNothing) {
  FOLDER_OR_SKIP(folder);
  const Verdict verdict = test::check("set-full", test::load(*folder, "elle-cli/jepsen-set.jsonl"));
  EXPECT_EQ(verdict.answer, Answer::kValid) << verdict.summary;
}

std::string fact(const Verdict& verdict, std::string_view name) {
  for (const auto& [key, value] : verdict.facts) {
    if (key == name) return value;
  }
  return "";
}

Recording recording_of(const Json& events) {
  std::string lines;
  for (const Json& event : events) lines += event.dump() + "\n";
  Recording recording;
  recording.history = read_jsonl(lines, "unit case").value();
  return recording;
}

void expect_case(const Json& unit) {
  const Json& expected = unit["expected"];
  const bool is_linearizable =
      unit["args"].get<std::string>().find(":linearizable? true") != std::string::npos;
  const Verdict verdict =
      test::check(is_linearizable ? "set-full:linearizable=true" : "set-full:linearizable=false",
                  recording_of(unit["history"]));
  const Answer answer = expected["valid?"] == true    ? Answer::kValid
                        : expected["valid?"] == false ? Answer::kViolated
                                                      : Answer::kUnknown;
  EXPECT_EQ(to_text(verdict.answer), to_text(answer)) << unit["id"] << verdict.summary;
  const std::pair<const char*, const char*> kCounts[] = {
      {"attempt-count", "adds"}, {"stable-count", "stable"},
      {"lost-count", "lost"},    {"never-read-count", "never read"},
      {"stale-count", "stale"},  {"duplicated-count", "duplicated"},
  };
  for (const auto& [theirs, ours] : kCounts) {
    EXPECT_EQ(fact(verdict, ours), std::to_string(expected[theirs].get<int>()))
        << unit["id"] << " " << theirs;
  }
}

TEST(KnownHistories, SetFullAgreesWithTheCasesOfJepsen) {
  FOLDER_OR_SKIP(folder);
  std::ifstream file(*folder + "/jepsen-checker/unit-cases.jsonl");
  int cases = 0;
  for (std::string line; std::getline(file, line);) {
    const Json unit = Json::parse(line);
    if (unit["checker"] != "set-full") continue;
    ++cases;
    expect_case(unit);
  }
  EXPECT_EQ(cases, 14);
}

}  // namespace
}  // namespace squall
