// Seeds and shards as people write them.
#include "search/seeds.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

std::string seeds(const std::string& text) {
  const auto parsed = parse_seeds(text);
  if (!parsed) return parsed.error().what;
  std::string list;
  for (const std::uint64_t seed : *parsed) list += (list.empty() ? "" : " ") + std::to_string(seed);
  return list;
}

std::string cases(HuntPlan plan) {
  const auto all = cases_of(plan);
  if (!all) return all.error().what;
  std::string list;
  for (const HuntCase& one : *all) list += (list.empty() ? "" : " ") + file_stem(one);
  return list;
}

TEST(Seeds, AreNumbersAndRangesEachOnce) {
  EXPECT_EQ(seeds("7"), "7");
  EXPECT_EQ(seeds("1..5"), "1 2 3 4 5");
  EXPECT_EQ(seeds("9,1..3,2..4"), "9 1 2 3 4");
  EXPECT_EQ(seeds("18446744073709551614..18446744073709551615"),
            "18446744073709551614 18446744073709551615");
}

TEST(Seeds, SayWhatIsWrong) {
  EXPECT_EQ(seeds(""), "'' is no seed and no range of seeds; write 7, 1..500 or 1..10,42");
  EXPECT_EQ(seeds("1..x"), "'1..x' is no seed and no range of seeds; write 7, 1..500 or 1..10,42");
  EXPECT_EQ(seeds("-3"), "'-3' is no seed and no range of seeds; write 7, 1..500 or 1..10,42");
  EXPECT_EQ(seeds("1,"), "'' is no seed and no range of seeds; write 7, 1..500 or 1..10,42");
  EXPECT_EQ(seeds("5..2"), "'5..2' ends before it begins");
  EXPECT_EQ(seeds("0..18446744073709551615"),
            "more than 100000 runs; split them over several hunts");
}

TEST(Shards, TakeEveryNthCaseAndMissNone) {
  EXPECT_EQ(cases({{1, 2, 3, 4, 5}, Pairing::kNone, {}, {0, 2}}), "seed-1 seed-3 seed-5");
  EXPECT_EQ(cases({{1, 2, 3, 4, 5}, Pairing::kNone, {}, {1, 2}}), "seed-2 seed-4");
  EXPECT_EQ(cases({{1}, Pairing::kNone, {}, {1, 2}}), "");
}

TEST(Shards, CountFromZero) {
  EXPECT_EQ(parse_shard("7/8")->index, 7U);
  EXPECT_EQ(parse_shard("8/8").error().what,
            "'8/8' is no shard: the index counts from 0, so 7/8 is the last");
  for (const char* text : {"", "1", "/8", "1/", "1/0", "a/b", "1/2/3"}) {
    EXPECT_EQ(parse_shard(text).error().what,
              "'" + std::string(text) + "' is no shard; write INDEX/COUNT, such as 0/8");
  }
}

TEST(Pairings, GoThroughAllSeedsBeforeTheNextPerturbation) {
  EXPECT_EQ(cases({{1, 2}, Pairing::kSame, {}, {}}), "seed-1-perturb-1 seed-2-perturb-2");
  EXPECT_EQ(cases({{1, 2}, Pairing::kEach, {8, 9}, {}}),
            "seed-1-perturb-8 seed-2-perturb-8 seed-1-perturb-9 seed-2-perturb-9");
}

}  // namespace
}  // namespace squall
