// Programs along a search path.
#include "base/program_path.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

TEST(ProgramPath, EmptyPartsAreNoFolders) {
  EXPECT_EQ(path_folders(":/a::/b:"), (std::vector<std::string>{"/a", "/b"}));
  EXPECT_TRUE(path_folders("").empty());
}

TEST(ProgramPath, TheFirstFolderThatHasTheProgramCounts) {
  EXPECT_EQ(find_program("sh", {"/nowhere", "/bin", "/usr/bin"}), "/bin/sh");
}

TEST(ProgramPath, AFolderAndAFileThatMayNotBeExecutedAreNoPrograms) {
  EXPECT_EQ(find_program("bin", {"/usr"}), "");
  EXPECT_EQ(find_program("passwd", {"/etc"}), "");
}

}  // namespace
}  // namespace squall
