// Mounts and host names, each in a child with namespaces of its own.
#include "kernel/mounts.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"
#include "kernel/child.h"
#include "kernel/namespaces.h"
#include "kernel/process.h"
#include "tests/support/own_namespaces.h"

namespace squall {
namespace {

namespace fs = std::filesystem;

class MountsTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    std::string pattern = (fs::temp_directory_path() / "squall-mounts-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { fs::remove_all(directory_); }

  // Runs `work` in mount, PID and UTS namespaces that end with it.
  static std::string apart(const std::function<Result<>()>& work) {
    return error_of(run_in_child([&work]() -> Result<> {
      TRY(unshare_namespaces(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS));
      TRY(make_mounts_private());
      return work();
    }));
  }
  static Error unlike(const std::string& what) { return Error{Errc::kInvalid, what}; }

  std::string directory_;
};

TEST_F(MountsTest, ATmpfsHidesAndItsEndUncovers) {
  must(write_file(directory_ + "/below", "old"));
  EXPECT_EQ(apart([this]() -> Result<> {
              TRY(mount_tmpfs(directory_, 1U << 20U));
              if (fs::exists(directory_ + "/below")) return unlike("still seen");
              TRY(write_file(directory_ + "/above", "new"));
              TRY(unmount(directory_));
              TRY(unmount(directory_));
              TRY(read_file(directory_ + "/below"));
              return {};
            }),
            "ok");
  EXPECT_FALSE(fs::exists(directory_ + "/above"));
}

TEST_F(MountsTest, ATmpfsIsFullAtItsLimit) {
  EXPECT_EQ(apart([this]() -> Result<> {
              TRY(mount_tmpfs(directory_, 64U << 10U));
              return write_file(directory_ + "/big", std::string(1U << 20U, 'x'));
            }),
            "write " + directory_ + "/big: No space left on device");
}

TEST_F(MountsTest, ABoundFileIsSeenAtItsNewPlaceAndOnlyThere) {
  must(write_file(directory_ + "/hosts", "198.18.0.1 eu1\n"));
  must(write_file(directory_ + "/target", "other"));
  EXPECT_EQ(apart([this]() -> Result<> {
              TRY(bind_mount(directory_ + "/hosts", directory_ + "/target"));
              const std::string seen = TRY(read_file(directory_ + "/target"));
              return seen == "198.18.0.1 eu1\n" ? Result<>() : unlike(seen);
            }),
            "ok");
  EXPECT_EQ(must(read_file(directory_ + "/target")), "other");
}

TEST_F(MountsTest, AReadOnlyBindRefusesWrites) {
  must(write_file(directory_ + "/a", ""));
  must(write_file(directory_ + "/b", ""));
  EXPECT_EQ(apart([this]() -> Result<> {
              TRY(bind_mount_read_only(directory_ + "/a", directory_ + "/b"));
              return write_file(directory_ + "/b", "x");
            }),
            "open " + directory_ + "/b: Read-only file system");
}

TEST_F(MountsTest, AFreshProcShowsOnlyItsOwnPidNamespace) {
  EXPECT_EQ(apart([]() -> Result<> {
              // The unshared PID namespace begins with the next child.
              return run_in_child([]() -> Result<> {
                TRY(mount_proc());
                const std::vector<pid_t> processes = TRY(all_processes());
                return processes == std::vector<pid_t>{1} ? Result<>() : unlike("others are seen");
              });
            }),
            "ok");
}

TEST_F(MountsTest, AHostNameStaysInItsNamespace) {
  const std::string before = must(read_file("/proc/sys/kernel/hostname"));
  EXPECT_EQ(apart([]() -> Result<> {
              TRY(set_hostname("eu1"));
              const Result<std::string> name = read_file("/proc/sys/kernel/hostname");
              if (!name) return name.error();
              return *name == "eu1\n" ? Result<>() : unlike(*name);
            }),
            "ok");
  EXPECT_EQ(must(read_file("/proc/sys/kernel/hostname")), before);
}

TEST_F(MountsTest, AMissingPlaceIsNamed) {
  EXPECT_EQ(apart([] { return bind_mount("/no-such-file", "/tmp"); }),
            "bind /no-such-file to /tmp: No such file or directory");
  EXPECT_EQ(apart([] { return mount_tmpfs("/no-such-directory", 1); }),
            "mount a tmpfs on /no-such-directory: No such file or directory");
}

}  // namespace
}  // namespace squall
