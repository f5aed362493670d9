// Whole files: read with a limit, written at once or not at all.
#include "base/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/fd.h"

namespace squall {
namespace {

// A directory of this test's own, gone at its end.
class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "squall-files-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

TEST_F(Files, ReadsBackWhatWasWritten) {
  const std::string content("zero \0 and more", 15);
  ASSERT_TRUE(write_file(path("a"), content).ok());
  EXPECT_EQ(*read_file(path("a")), content);
}

TEST_F(Files, ReadsMoreThanOneBuffer) {
  const std::string content(200'000, 'x');
  ASSERT_TRUE(write_file(path("a"), content).ok());
  EXPECT_EQ(*read_file(path("a")), content);
}

TEST_F(Files, WritingTruncates) {
  ASSERT_TRUE(write_file(path("a"), "long content").ok());
  ASSERT_TRUE(write_file(path("a"), "short").ok());
  EXPECT_EQ(*read_file(path("a")), "short");
}

TEST_F(Files, TheLimitIsInclusiveAndNamed) {
  ASSERT_TRUE(write_file(path("a"), "12345").ok());
  EXPECT_EQ(*read_file(path("a"), 5), "12345");
  EXPECT_EQ(read_file(path("a"), 4).error().what, path("a") + ": larger than the limit of 4 bytes");
}

TEST_F(Files, AMissingFileIsAnErrorWithItsName) {
  EXPECT_EQ(read_file(path("none")).error().what,
            "open " + path("none") + ": No such file or directory");
  EXPECT_EQ(write_file(path("none/a"), "x").error().what,
            "open " + path("none/a") + ": No such file or directory");
}

TEST_F(Files, ADirectoryCannotBeRead) {
  EXPECT_EQ(read_file(path("")).error().what, "read " + path("") + ": Is a directory");
}

TEST_F(Files, AFullDiskIsAnError) {
  EXPECT_EQ(write_file("/dev/full", "x").error().what, "write /dev/full: No space left on device");
}

TEST_F(Files, ADurableWriteReplacesTheFileAndLeavesNoOther) {
  ASSERT_TRUE(write_file(path("a"), "old").ok());
  ASSERT_TRUE(write_file_durably(path("a"), "new").ok());
  EXPECT_EQ(*read_file(path("a")), "new");
  EXPECT_FALSE(std::filesystem::exists(path("a.new")));
}

TEST_F(Files, ADurableWriteThatFailsLeavesTheOldContent) {
  ASSERT_TRUE(write_file(path("a"), "old").ok());
  ASSERT_TRUE(std::filesystem::create_directory(path("a.new")));  // where it would write first
  EXPECT_FALSE(write_file_durably(path("a"), "new").ok());
  EXPECT_EQ(*read_file(path("a")), "old");
}

bool is_open(int fd) {
  struct stat facts {};
  return ::fstat(fd, &facts) == 0;
}

TEST_F(Files, AnFdClosesOnceAndMovesItsOwnership) {
  ASSERT_TRUE(write_file(path("a"), "x").ok());
  const auto open_it = [this] { return Fd(::open(path("a").c_str(), O_RDONLY | O_CLOEXEC)); };
  Fd first = open_it();
  const int number = first.get();
  {
    const Fd second = std::move(first);
    EXPECT_EQ(second.get(), number);
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
  Fd third = open_it();
  const int released = third.release();
  EXPECT_FALSE(third.is_open());
  EXPECT_TRUE(is_open(released));
  ASSERT_EQ(::close(released), 0);
}

}  // namespace
}  // namespace squall
