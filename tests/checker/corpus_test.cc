// Every known verdict, from the neutral files and from the original ones.
#include "tests/checker/corpus.h"

#include <gtest/gtest.h>

#include "tests/checker/known_histories.h"

namespace squall {
namespace {

// All differences at once, so that one run says everything.
void expect_all(const test::Corpus& corpus, std::size_t entries, std::size_t cases) {
  std::string differences;
  for (const test::CorpusCase& one : corpus.cases) {
    const std::string difference = test::difference(one);
    if (!difference.empty()) differences += difference + "\n";
  }
  for (const std::string& file : corpus.unclaimed) differences += file + ": not checked at all\n";
  EXPECT_EQ(differences, "");
  EXPECT_GE(corpus.entries, entries);
  EXPECT_GE(corpus.cases.size(), cases);
}

TEST(Corpus, EveryKnownVerdictComesOut) {
  const std::optional<std::string> folder = test::histories_folder();
  if (!folder) GTEST_SKIP() << "SQUALL_HISTORIES is not set: no known histories to check";
  expect_all(test::neutral_corpus(*folder), 151, 270);
}

TEST(Corpus, TheOriginalFilesSayTheSame) {
  const std::optional<std::string> folder = test::histories_folder();
  if (!folder) GTEST_SKIP() << "SQUALL_HISTORIES is not set: no known histories to check";
  expect_all(test::raw_corpus(*folder), 90, 120);
}

}  // namespace
}  // namespace squall
