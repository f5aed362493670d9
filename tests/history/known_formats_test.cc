// The importers on others' files in their original formats, beside the neutral form of the same
// histories, from the folder in SQUALL_HISTORIES.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "history/import.h"
#include "history/read_recording.h"

namespace squall {
namespace {

namespace fs = std::filesystem;

std::string digest_of(const fs::path& path) {
  const Result<ReadRecording> read = read_recording(path.string(), {.keeps_operations = true});
  if (!read.ok()) return read.error().what;
  EXPECT_GT(read->recording.history.size(), 0U) << path;
  return read->recording.history.digest();
}

class KnownFormats : public testing::Test {
 protected:
  void SetUp() override {
    const char* const root = std::getenv("SQUALL_HISTORIES");
    if (root == nullptr) GTEST_SKIP() << "SQUALL_HISTORIES is not set";
    root_ = root;
  }
  // How many files of `raw` have a neutral form below `neutral`, all with the same digest.
  std::size_t compare(const char* raw, const char* neutral) {
    std::size_t compared = 0;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / neutral)) {
      if (entry.path().extension() != ".jsonl") continue;
      for (const char* extension : {".log", ".txt", ".edn"}) {
        const fs::path original =
            root_ / "raw" / raw / entry.path().stem().replace_extension(extension);
        if (!fs::exists(original)) continue;
        EXPECT_EQ(digest_of(original), digest_of(entry.path())) << original;
        ++compared;
      }
    }
    return compared;
  }

  fs::path root_;
};

TEST_F(KnownFormats, JepsensLogsAreTheNeutralHistories) {
  EXPECT_EQ(compare("porcupine-jepsen", "porcupine-etcd"), 50U);
}

TEST_F(KnownFormats, PorcupinesLogsAreTheNeutralHistories) {
  EXPECT_EQ(compare("porcupine-kv", "porcupine-kv"), 4U);
}

TEST_F(KnownFormats, KnossosEdnIsTheNeutralHistories) {
  EXPECT_GE(compare("knossos", "knossos"), 10U);
}

TEST_F(KnownFormats, ElleClisEdnAndJsonAreTheNeutralHistories) {
  const fs::path raw = root_ / "raw" / "elle-cli";
  const fs::path neutral = root_ / "elle-cli";
  EXPECT_EQ(digest_of(raw / "counter.edn"), digest_of(neutral / "jepsen-counter.jsonl"));
  EXPECT_EQ(digest_of(raw / "counter.json"), digest_of(neutral / "jepsen-counter.jsonl"));
  EXPECT_EQ(digest_of(raw / "set.edn"), digest_of(neutral / "jepsen-set.jsonl"));
  EXPECT_EQ(digest_of(raw / "rw-register.json"), digest_of(raw / "rw-register.edn"));
}

TEST_F(KnownFormats, AwditsTextIsTheNeutralTransactions) {
  std::size_t compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root_ / "raw" / "awdit")) {
    if (entry.path().extension() != ".txt") continue;
    const Result<ReadRecording> read = read_recording(entry.path().string());
    ASSERT_TRUE(read.ok()) << read.error().what;
    ASSERT_TRUE(read->recording.transactions.has_value());
    const fs::path level = fs::relative(entry.path(), root_ / "raw" / "awdit").begin()->string();
    for (const char* suffix : {".jsonl", "-gen.jsonl"}) {
      const fs::path neutral = root_ / "awdit" / level / (entry.path().stem().string() + suffix);
      if (!fs::exists(neutral)) continue;
      const Result<ReadRecording> same = read_recording(neutral.string());
      ASSERT_TRUE(same.ok()) << same.error().what;
      EXPECT_EQ(same->recording.transactions->ops.size(), read->recording.transactions->ops.size())
          << neutral;
      ++compared;
    }
  }
  EXPECT_GT(compared, 10U);
}

// EDN → history → EDN → history.
TEST_F(KnownFormats, AreWrittenAsEdnAndReadBack) {
  for (const char* folder : {"raw/knossos", "raw/elle-cli", "raw/porcupine-kv"}) {
    for (const auto& entry : fs::directory_iterator(root_ / folder)) {
      if (entry.path().filename() == "LICENSE") continue;
      const Result<ReadRecording> read =
          read_recording(entry.path().string(), {.keeps_operations = true});
      ASSERT_TRUE(read.ok()) << read.error().what;
      const std::string text = write_edn(read->recording.history);
      const Result<History> again = read_edn(text, "written.edn");
      ASSERT_TRUE(again.ok()) << again.error().what;
      EXPECT_EQ(again->digest(), read->recording.history.digest()) << entry.path();
    }
  }
}

}  // namespace
}  // namespace squall
