// A tree of plain files that stands for a machine's /proc and /sys; gone with the test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/files.h"
#include "tests/support/own_namespaces.h"

namespace squall {

class FileTree : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "squall-tree-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  // Paths begin with '/', and mean below the root.
  void put(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    must(write_file(root_ + path, text));
  }
  [[nodiscard]] std::string get(const std::string& path) const {
    return must(read_file(root_ + path));
  }

  std::string root_;
};

}  // namespace squall
