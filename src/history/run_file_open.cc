// What a killed writer leaves is FILE and FILE-wal, perhaps in a folder where we may not write:
//
//   no -wal:              read-only; where SQLite cannot make its -shm, as an immutable file
//   -wal, may write:      read-write, and SQLite folds the -wal when the last reader closes
//   -wal, may not write:  from a copy of both in a folder of our own, unlinked at once
#include "history/run_file_open.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/fd.h"
#include "history/run_file.h"
#include "history/run_file_schema.h"

namespace squall {
namespace {

// SQLite's file header: magic, then big-endian fields (https://sqlite.org/fileformat.html, 1.3).
constexpr std::size_t kHeaderSize = 100;
constexpr std::size_t kPageSizeOffset = 16;
constexpr std::size_t kPageCountOffset = 28;
constexpr std::size_t kVersionOffset = 60;
constexpr std::size_t kApplicationIdOffset = 68;
constexpr std::string_view kMagic("SQLite format 3\0", 16);
// The longest text a run file may hold; a set read of a million elements has 8 MiB.
constexpr int kMaxCell = 256 << 20;
constexpr int kBusyWaitMs = 2000;

using Header = std::array<unsigned char, kHeaderSize>;

std::int64_t field_at(const Header& header, std::size_t offset, std::size_t size = 4) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | header[offset + i];
  return value;
}

Error not_a_run_file(const std::string& path, const std::string& why) {
  return Error{Errc::kInvalid, path + ": not a run file: " + why};
}

Result<Header> read_header(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.is_open()) {
    const int cause = errno;
    Error error = errno_error("open " + path, cause);
    if (cause == ENOENT) error.code = Errc::kNotFound;
    return error;
  }
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) return errno_error("stat " + path);
  if (S_ISDIR(facts.st_mode)) return not_a_run_file(path, "it is a folder");
  if (!S_ISREG(facts.st_mode)) return not_a_run_file(path, "it is not a regular file");
  if (facts.st_size == 0) return not_a_run_file(path, "it is empty");
  Header header{};
  const ssize_t count = ::pread(fd.get(), header.data(), header.size(), 0);
  if (count < 0) return errno_error("read " + path);
  const std::string_view magic(reinterpret_cast<const char*>(header.data()), kMagic.size());
  if (count < static_cast<ssize_t>(kHeaderSize) || magic != kMagic) {
    return not_a_run_file(path, "it is not an SQLite file");
  }
  return header;
}

bool has_content(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && facts.st_size > 0;
}

// SQLite reads a last page that is cut in the middle as if it were full of zeros.
Result<> check_size(const Header& header, const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return errno_error("stat " + path);
  const std::int64_t wanted =
      field_at(header, kPageSizeOffset, 2) * field_at(header, kPageCountOffset);
  if (facts.st_size >= wanted || has_content(path + "-wal")) return {};
  return Error{Errc::kInvalid, path + ": cut off: has " + std::to_string(facts.st_size) + " of " +
                                   std::to_string(wanted) + " bytes; copy it again"};
}

Result<> check_header(const std::string& path) {
  const Header header = TRY(read_header(path));
  if (field_at(header, kApplicationIdOffset) != kRunFileApplicationId) {
    return not_a_run_file(path, "it is an SQLite file of another program");
  }
  const std::int64_t version = field_at(header, kVersionOffset);
  if (version == kRunFileVersion) return check_size(header, path);
  return Error{Errc::kUnsupported, path + ": written in version " + std::to_string(version) +
                                       " of the run file, this squall reads version " +
                                       std::to_string(kRunFileVersion)};
}

// A table of ours that was swapped for a view or has other columns would answer with anything.
Result<> check_tables(const Database& database) {
  Statement find = TRY(Statement::prepare(
      database, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?"));
  for (const SchemaObject& table : run_file_tables()) {
    find.bind(table.name);
    if (!TRY(find.step()) || find.text(0) != table.sql) {
      return not_a_run_file(database.path(),
                            "table '" + std::string(table.name) + "' is missing or altered");
    }
    find.reset();
  }
  return {};
}

Result<Database> open_defensively(const std::string& file, const std::string& path, int flags,
                                  std::string_view query) {
  Database database = TRY(Database::open(file_uri(file, query), path, flags));
  sqlite3* const handle = database.get();
  (void)sqlite3_busy_timeout(handle, kBusyWaitMs);
  (void)sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kMaxCell);
  (void)sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  for (const auto& [option, value] :
       {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        std::pair{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        std::pair{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0}}) {
    if (sqlite3_db_config(handle, option, value, nullptr) != SQLITE_OK) return database.error();
  }
  TRY(database.run(
      "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY"));
  // The first read: only now does SQLite look at the file and its -wal.
  TRY(database.number("SELECT count(*) FROM sqlite_schema"));
  return database;
}

// Removed when it goes out of scope, which is right after SQLite has opened what is in it.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> create() {
    std::error_code failure;
    const std::filesystem::path base = std::filesystem::temp_directory_path(failure);
    if (failure) return Error{Errc::kIo, "find a temporary folder: " + failure.message()};
    std::string name = (base / "squall-read-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return errno_error("make " + name);
    return TemporaryFolder(name);
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;  // what stays is a copy in the system's temporary folder
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Result<Database> open_copy(const std::string& path) {
  const TemporaryFolder folder = TRY(TemporaryFolder::create());
  const std::string copy = folder.path() + "/copy.squall";
  for (const std::string suffix : {"", "-wal"}) {
    std::error_code failure;
    std::filesystem::copy_file(path + suffix, copy + suffix, failure);
    if (failure) return Error{Errc::kIo, "copy " + path + suffix + ": " + failure.message()};
    // Copies carry the mode of the original, which may not allow us to write.
    std::filesystem::permissions(copy + suffix, std::filesystem::perms::owner_all, failure);
  }
  return open_defensively(copy, path, SQLITE_OPEN_READWRITE, "");
}

Result<Database> open_for_reading(const std::string& path) {
  const bool has_log = has_content(path + "-wal");
  const int flags = has_log ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  Result<Database> database = open_defensively(path, path, flags, "");
  if (database.ok() || database.error().code == Errc::kInvalid) return database;
  if (has_log) return open_copy(path);
  return open_defensively(path, path, SQLITE_OPEN_READONLY, "immutable=1");
}

}  // namespace

Result<Database> open_run_file(const std::string& path, RunFileAccess access) {
  TRY(check_header(path));
  Database database =
      TRY(access == RunFileAccess::kRead ? open_for_reading(path)
                                         : open_defensively(path, path, SQLITE_OPEN_READWRITE, ""));
  TRY(check_tables(database));
  return database;
}

bool looks_like_run_file(const std::string& path) {
  const Result<Header> header = read_header(path);
  return header.ok() && field_at(*header, kApplicationIdOffset) == kRunFileApplicationId;
}

}  // namespace squall
