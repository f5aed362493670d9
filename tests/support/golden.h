// Golden files: the expected text of a test as a file beside it.  They change only with a reviewed
// reason: SQUALL_REWRITE=1 ctest -L golden, then read the diff.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "base/files.h"

namespace squall {

// `path` is relative to tests/, for example "injectors/golden/network_partition.txt".
inline void expect_golden(const std::string& path, const std::string& text) {
  const char* source = std::getenv("SQUALL_SOURCE_DIR");
  ASSERT_NE(source, nullptr) << "SQUALL_SOURCE_DIR is not set; run the test by ctest";
  const std::string file = std::string(source) + "/tests/" + path;
  if (std::getenv("SQUALL_REWRITE") != nullptr) {
    ASSERT_TRUE(write_file(file, text).ok()) << file;
    return;
  }
  const Result<std::string> expected = read_file(file);
  ASSERT_TRUE(expected.ok()) << expected.error().what;
  EXPECT_EQ(text, *expected) << "as in " << file;
}

}  // namespace squall
