// The importer on histories of others, from the folder in SQUALL_HISTORIES.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "history/jsonl.h"

namespace squall {
namespace {

TEST(KnownHistories, AreReadAndWrittenBack) {
  const char* const root = std::getenv("SQUALL_HISTORIES");
  if (root == nullptr) GTEST_SKIP() << "SQUALL_HISTORIES is not set";
  std::size_t files = 0;
  for (const char* folder : {"porcupine-etcd", "porcupine-kv", "knossos", "elle-cli"}) {
    const auto path = std::filesystem::path(root) / folder;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (!entry.is_regular_file()) continue;
      const Result<History> history = read_jsonl_file(entry.path().string());
      ASSERT_TRUE(history.ok()) << history.error().what;
      EXPECT_GT(history->size(), 0U) << entry.path();
      const std::string written = write_jsonl(*history);
      const Result<History> again = read_jsonl(written, entry.path().string());
      ASSERT_TRUE(again.ok()) << again.error().what;
      EXPECT_EQ(write_jsonl(*again), written);
      ++files;
    }
  }
  EXPECT_GT(files, 100U);
}

}  // namespace
}  // namespace squall
