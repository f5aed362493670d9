// Ids that cannot be confused with each other.
#include "base/ids.h"

#include <gtest/gtest.h>

#include <sstream>
#include <type_traits>
#include <unordered_set>

namespace squall {
namespace {

TEST(Strong, TwoKindsOfIdDoNotMix) {
  static_assert(!std::is_convertible_v<NodeName, ProcessName>);
  static_assert(!std::is_convertible_v<std::string, NodeName>);
  static_assert(!std::is_convertible_v<NodeName, std::string>);
}

TEST(Strong, ComparesPrintsAndHashesAsItsValue) {
  const NodeName eu1("eu1");
  EXPECT_EQ(eu1, NodeName("eu1"));
  EXPECT_LT(eu1, NodeName("us1"));
  std::ostringstream out;
  out << eu1;
  EXPECT_EQ(out.str(), "eu1");
  const std::unordered_set<NodeName> nodes = {eu1, NodeName("us1"), NodeName("eu1")};
  EXPECT_EQ(nodes.size(), 2U);
}

}  // namespace
}  // namespace squall
