// The project's own hand-written histories: expected.tsv says what each checker must answer.
#include <gtest/gtest.h>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "history/read_recording.h"
#include "tests/checker/history_text.h"

namespace squall {
namespace {

struct Expected {
  std::string file;
  std::string request;
  std::string answer;
  std::string words;  // that the summary holds
};

std::string folder() {
  const char* const source = std::getenv("SQUALL_SOURCE_DIR");
  return std::string(source == nullptr ? "." : source) + "/tests/checker/histories/";
}

std::vector<Expected> expected_answers(const std::string& table) {
  std::ifstream file(folder() + table);
  std::vector<Expected> all;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream columns(line);
    Expected expected;
    std::getline(columns, expected.file, '\t');
    std::getline(columns, expected.request, '\t');
    std::getline(columns, expected.answer, '\t');
    std::getline(columns, expected.words, '\t');
    all.push_back(expected);
  }
  return all;
}

std::string all_words(const Verdict& verdict) {
  std::string words = verdict.summary;
  for (const Witness& witness : verdict.witnesses) words += "\n" + witness.why;
  for (const auto& [name, value] : verdict.facts) words += "\n" + name + " " + value;
  return words;
}

TEST(OwnHistories, EachIsJudgedAsExpected) {
  const std::vector<Expected> all = expected_answers("expected.tsv");
  EXPECT_GT(all.size(), 40U);
  for (const Expected& expected : all) {
    const Result<ReadRecording> read = read_recording(folder() + expected.file);
    ASSERT_TRUE(read.ok()) << read.error().what;
    const Verdict verdict = test::check(expected.request, read->recording);
    const std::string where = expected.file + ", " + expected.request + ": ";
    EXPECT_EQ(to_text(verdict.answer), expected.answer) << where << verdict.summary;
    EXPECT_NE(all_words(verdict).find(expected.words), std::string::npos)
        << where << "'" << expected.words << "' is not in: " << all_words(verdict);
    EXPECT_EQ(verdict.answer == Answer::kViolated, !verdict.witnesses.empty()) << where;
  }
}

// Never a crash, never silence: where it is wrong, or what can be said all the same.
TEST(OwnHistories, GarbageIsRefusedWhereItIsWrong) {
  const std::vector<Expected> all = expected_answers("garbage.tsv");
  EXPECT_EQ(all.size(), 15U);
  for (const Expected& expected : all) {
    const Result<ReadRecording> read = read_recording(folder() + expected.file);
    if (!read.ok()) {
      EXPECT_EQ(expected.answer, "error") << expected.file << ": " << read.error().what;
      EXPECT_NE(read.error().what.find(expected.file + expected.words), std::string::npos)
          << expected.file << ": " << read.error().what;
      continue;
    }
    const Verdict verdict = test::check(expected.request, read->recording);
    EXPECT_EQ(to_text(verdict.answer), expected.answer) << expected.file << verdict.summary;
    EXPECT_NE(verdict.summary.find(expected.words), std::string::npos) << verdict.summary;
  }
}

// Every checker that needs nothing but operations has a history that it accepts, one that it
// rejects, and one about which it says that it knows nothing.
TEST(OwnHistories, EveryCollectionCheckerHasAllThreeAnswers) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const Expected& expected : expected_answers("expected.tsv")) {
    seen.emplace(expected.request.substr(0, expected.request.find(':')), expected.answer);
  }
  for (const char* const checker : {"counter", "linearizable", "mutual-exclusion", "set",
                                    "set-full", "total-queue", "unique-ids"}) {
    for (const char* const answer : {"valid", "violated", "unknown"}) {
      EXPECT_EQ(seen.count({checker, answer}), 1U) << checker << " " << answer;
    }
  }
}

}  // namespace
}  // namespace squall
