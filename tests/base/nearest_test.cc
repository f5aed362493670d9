// The nearest valid name, for messages about unknown ones.
#include "base/nearest.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

const std::vector<std::string> kKeys = {"processes", "nodes", "regions", "leader"};

TEST(Nearest, FindsAMissingAWrongAndAnExtraLetter) {
  EXPECT_EQ(nearest("proceses", kKeys), "processes");
  EXPECT_EQ(nearest("modes", kKeys), "nodes");
  EXPECT_EQ(nearest("leaders", kKeys), "leader");
}

TEST(Nearest, ASwapOfNeighboursIsOneEdit) {
  EXPECT_EQ(nearest("ndoes", kKeys), "nodes");
  EXPECT_EQ(nearest("ta", {"at"}), "at");
}

TEST(Nearest, FindsNothingWhereNothingIsNear) {
  EXPECT_EQ(nearest("timeline", kKeys), std::nullopt);
  EXPECT_EQ(nearest("", kKeys), std::nullopt);
  EXPECT_EQ(nearest("nodes", {}), std::nullopt);
}

TEST(Nearest, PrefersTheFewestEditsAndThenTheFirst) {
  EXPECT_EQ(nearest("fromm", {"form", "from"}), "from");
  EXPECT_EQ(nearest("cat", {"car", "can"}), "car");
}

TEST(Nearest, AShortNameMayBeOneEditAway) {
  EXPECT_EQ(nearest("t", {"at"}), "at");
  EXPECT_EQ(nearest("xy", {"at"}), std::nullopt);
}

TEST(Suggestion, AsksWhetherTheNearestWasMeant) {
  EXPECT_EQ(suggestion("proceses", kKeys), "; did you mean 'processes'?");
}

TEST(Suggestion, ListsAFewNamesWhereNoneIsNear) {
  EXPECT_EQ(suggestion("timeline", kKeys), "; one of: processes, nodes, regions, leader");
}

TEST(Suggestion, SaysNothingWhereAListWouldNotHelp) {
  EXPECT_EQ(suggestion("timeline", {}), "");
  EXPECT_EQ(suggestion("timeline", std::vector<std::string>(13, "node")), "");
}

}  // namespace
}  // namespace squall
