// Where the lab's files go.
#include "arena/lab_mounts.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "base/files.h"

namespace squall {
namespace {

// A root directory with the given folders.
class LabMounts : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "squall-root-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void make(const std::string& folder) { std::filesystem::create_directories(root_ + folder); }
  std::string choose(const std::vector<std::string>& needed) {
    const Result<std::string> chosen = choose_mount_point(needed, root_);
    return chosen.ok() ? *chosen : chosen.error().what;
  }
  std::string root_;
};

TEST_F(LabMounts, TakesTheFirstEmptyFolder) {
  make("/mnt/disk");
  make("/media");
  make("/srv");
  EXPECT_EQ(choose({}), "/media");
}

TEST_F(LabMounts, NeverHidesWhatIsNeeded) {
  make("/mnt");
  make("/srv");
  EXPECT_EQ(choose({"/mnt/run.squall"}), "/srv");
  EXPECT_EQ(choose({"/mnt"}), "/srv");
  EXPECT_EQ(choose({"/mntx/run.squall"}), "/mnt");
}

TEST_F(LabMounts, FallsBackToSharedMemoryAlthoughItIsNotEmpty) {
  make("/dev/shm/something");
  EXPECT_EQ(choose({}), "/dev/shm");
}

TEST_F(LabMounts, SaysWhatToDoWhenThereIsNoPlace) {
  make("/dev/shm");
  EXPECT_EQ(choose({"/dev/shm/run.squall"}),
            "find a place for the lab's files: none of /mnt, /media, /srv, /opt is an empty folder "
            "and /dev/shm is missing or in use by this run; make one of them empty");
}

}  // namespace
}  // namespace squall
