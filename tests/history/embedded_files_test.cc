// Files in a run file: what goes in comes out, and whatever was tampered with does not.
#include "history/embedded_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/mman.h>

#include "base/files.h"
#include "history/run_file.h"
#include "tests/history/temporary_folder.h"

namespace squall {
namespace {

// Larger than a part when it is compressed: a few MiB that do not repeat.
std::string large_text() {
  std::string text(std::size_t{3} << 20U, '\0');
  std::uint64_t state = 7;
  for (char& c : text) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    c = static_cast<char>(state >> 56U);
  }
  return text;
}

class Embedded : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(RunFileWriter::create(run_file_)->close().ok());
    ASSERT_TRUE(write_file(folder_ / "empty", "").ok());
    ASSERT_TRUE(write_file(folder_ / "large", large_text()).ok());
    const Result<> embedded =
        embed_files(run_file_, {{"qemu/none", folder_ / "empty"}, {"kernel", folder_ / "large"}});
    ASSERT_TRUE(embedded.ok()) << embedded.error().what;
  }

  void change(const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(run_file_.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  // The error of listing, without the path.
  std::string listing_error() {
    const auto files = embedded_files(run_file_);
    return files.ok() ? "none" : files.error().what.substr(run_file_.size());
  }

  // The content, or the error of unpacking without the path.
  std::string content(std::size_t index) {
    const auto files = embedded_files(run_file_);
    if (!files.ok()) return files.error().what;
    const Fd out(::memfd_create("out", MFD_CLOEXEC));
    const Result<> unpacked = unpack_embedded(run_file_, files->at(index), out);
    if (!unpacked.ok()) return unpacked.error().what.substr(run_file_.size());
    return read_file("/proc/self/fd/" + std::to_string(out.get())).value_or("unreadable");
  }

  TestFolder folder_;
  std::string run_file_ = folder_ / "a.squall";
};

TEST_F(Embedded, ComesOutAsItWentIn) {
  const auto files = embedded_files(run_file_);
  ASSERT_TRUE(files.ok()) << files.error().what;
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ(files->at(0).name, "kernel");
  EXPECT_EQ(files->at(0).size, std::int64_t{3} << 20U);
  EXPECT_TRUE(content(0) == large_text());
  EXPECT_EQ(content(1), "");
  EXPECT_TRUE(read_run_file(run_file_).ok());
}

TEST_F(Embedded, ARunFileWithoutAnyHasNone) {
  change("DROP TABLE embedded; DROP TABLE embedded_parts");
  EXPECT_TRUE(embedded_files(run_file_)->empty());
}

TEST_F(Embedded, ChangedBytesAreDamage) {
  change("UPDATE embedded_parts SET data = zeroblob(100) WHERE part = 1");
  EXPECT_TRUE(content(0).starts_with(": damaged: the embedded file 'kernel': ")) << content(0);
}

TEST_F(Embedded, AnotherHashIsDamage) {
  change("UPDATE embedded SET hash = (SELECT hash FROM embedded WHERE name = 'qemu/none')");
  EXPECT_EQ(content(0), ": damaged: the embedded file 'kernel': it has another hash");
}

TEST_F(Embedded, AnotherSizeIsDamage) {
  change("UPDATE embedded SET size = size - 1 WHERE name = 'kernel'");
  EXPECT_EQ(content(0), ": damaged: the embedded file 'kernel': it is larger than it says");
  change("UPDATE embedded SET size = size + 2 WHERE name = 'kernel'");
  EXPECT_EQ(content(0), ": damaged: the embedded file 'kernel': it has another size");
}

TEST_F(Embedded, MissingAndDoubledPartsAreDamage) {
  change("UPDATE embedded_parts SET part = 9 WHERE name = 'kernel' AND part = 1");
  EXPECT_EQ(content(0),
            ": damaged: the embedded file 'kernel': its parts are not numbered 0, 1, 2, …");
  change("DELETE FROM embedded_parts WHERE name = 'kernel' AND part > 1");
  EXPECT_EQ(content(0), ": damaged: the embedded file 'kernel': it ends early");
  change("DELETE FROM embedded_parts");
  EXPECT_EQ(content(0), ": damaged: the embedded file 'kernel': it ends early");
}

TEST_F(Embedded, ARowThatMakesNoSenseIsDamage) {
  for (const char* row : {"'../kernel', hash, size", "'a/b/c', hash, size", "'.hidden', hash, size",
                          "name, 'no hash', size", "name, hash, -1"}) {
    change(std::string("CREATE TABLE kept AS SELECT * FROM embedded; UPDATE embedded SET (name, "
                       "hash, size) = (SELECT ") +
           row + " FROM embedded AS e WHERE e.name = 'kernel') WHERE name = 'kernel'");
    EXPECT_EQ(listing_error(), ": damaged: a row of table 'embedded' makes no sense") << row;
    change("DELETE FROM embedded; INSERT INTO embedded SELECT * FROM kept; DROP TABLE kept");
  }
}

TEST_F(Embedded, MoreThanTheLimitIsRefusedBeforeUnpacking) {
  change("UPDATE embedded SET size = 1099511627776 WHERE name = 'kernel'");
  EXPECT_EQ(listing_error(), ": damaged: it carries more than the limit of 512 files and 2048 MiB");
}

TEST_F(Embedded, AlteredTablesAreDamage) {
  change("DROP TABLE embedded; CREATE VIEW embedded AS SELECT 'kernel' AS name");
  EXPECT_EQ(listing_error(), ": damaged: table 'embedded' is altered");
  change("DROP VIEW embedded");
  EXPECT_EQ(listing_error(), ": damaged: a table of what it carries is missing");
}

}  // namespace
}  // namespace squall
