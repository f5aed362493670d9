// One Zstandard frame a file, cut into parts, so that neither side needs it whole in memory.
#include "history/embedded_files.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "base/digest.h"
#include "history/run_file_open.h"
#include "history/run_file_schema.h"
#include "history/sqlite.h"

namespace squall {
namespace {

constexpr std::size_t kPart = std::size_t{1} << 20U;
// Level 3 gives 7 % more bytes for an image and QEMU, level 12 4 % fewer for four times the time.
constexpr int kLevel = 6;

struct FreeZstd {
  void operator()(ZSTD_CStream* stream) const { (void)ZSTD_freeCStream(stream); }
  void operator()(ZSTD_DStream* stream) const { (void)ZSTD_freeDStream(stream); }
};

bool is_good_name(std::string_view name) {
  const auto is_good_part = [](std::string_view part) {
    return !part.empty() && part.front() != '.' && part.size() <= 100 &&
           part.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
               "._+-") == std::string_view::npos;
  };
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return is_good_part(name);
  return is_good_part(name.substr(0, slash)) && is_good_part(name.substr(slash + 1));
}

bool is_hash(std::string_view hash) {
  return hash.size() == 64 && hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Error damaged(const std::string& run_file, const std::string& what) {
  return Error{Errc::kInvalid, run_file + ": damaged: " + what};
}

// --- in -----------------------------------------------------------------------------------------

class Packer {
 public:
  Packer(const Database& database, std::string name)
      : database_(database), name_(std::move(name)), packed_(kPart, '\0') {
    (void)ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_compressionLevel, kLevel);
    (void)ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_checksumFlag, 0);  // there is a hash
  }

  Result<> add(std::string_view bytes, ZSTD_EndDirective directive) {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    for (std::size_t left = 1; left > 0 || input.pos < input.size;) {
      ZSTD_outBuffer output{packed_.data(), packed_.size(), filled_};
      left = ZSTD_compressStream2(stream_.get(), &output, &input, directive);
      if (ZSTD_isError(left) != 0) return Error{Errc::kIo, ZSTD_getErrorName(left)};
      filled_ = output.pos;
      if (filled_ == packed_.size()) TRY(write_part());
      if (directive == ZSTD_e_continue && input.pos == input.size) break;
    }
    return directive == ZSTD_e_end && filled_ > 0 ? write_part() : Result<>();
  }

 private:
  Result<> write_part() {
    Statement insert =
        TRY(Statement::prepare(database_, "INSERT INTO embedded_parts VALUES (?,?,?)"));
    insert.bind(name_).bind(part_++).bind_blob({packed_.data(), filled_});
    filled_ = 0;
    return insert.run();
  }

  const Database& database_;
  std::string name_;
  std::string packed_;
  std::size_t filled_ = 0;
  std::int64_t part_ = 0;
  std::unique_ptr<ZSTD_CStream, FreeZstd> stream_{ZSTD_createCStream()};
};

Result<> embed(const Database& database, const FileToEmbed& file) {
  CHECK(is_good_name(file.name));
  const Fd fd(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return errno_error("open " + file.path);
  Digest digest;
  Packer packer(database, file.name);
  std::string buffer(kPart, '\0');
  std::int64_t size = 0;
  for (;;) {
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("read " + file.path);
    if (count == 0) break;
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    digest.add(bytes);
    size += count;
    TRY(packer.add(bytes, ZSTD_e_continue));
  }
  TRY(packer.add({}, ZSTD_e_end));
  const std::string hash = digest.hex();
  Statement insert = TRY(Statement::prepare(database, "INSERT INTO embedded VALUES (?,?,?)"));
  insert.bind(file.name).bind(hash).bind(size);
  return insert.run();
}

Result<> embed_all(Database& database, const std::vector<FileToEmbed>& files) {
  TRY(database.run("BEGIN IMMEDIATE"));
  for (const SchemaObject& table : embedding_tables()) TRY(database.run(std::string(table.sql)));
  for (const FileToEmbed& file : files) TRY(embed(database, file).in("embed " + file.name));
  return database.run("COMMIT");
}

// --- out ----------------------------------------------------------------------------------------

// False: it carries none.  Swapped or altered tables are damage.
Result<bool> has_tables(const Database& database) {
  Statement find =
      TRY(Statement::prepare(database, "SELECT type, sql FROM sqlite_schema WHERE name = ?"));
  std::size_t found = 0;
  for (const SchemaObject& table : embedding_tables()) {
    find.bind(table.name);
    if (TRY(find.step())) {
      if (find.text(0) != "table" || find.text(1) != table.sql) {
        return damaged(database.path(), "table '" + std::string(table.name) + "' is altered");
      }
      ++found;
    }
    find.reset();
  }
  if (found != 0 && found != embedding_tables().size()) {
    return damaged(database.path(), "a table of what it carries is missing");
  }
  return found != 0;
}

class Unpacker {
 public:
  Unpacker(const EmbeddedFile& file, const Fd& out) : file_(file), out_(out) {}

  Result<> add(std::string_view packed) {
    ZSTD_inBuffer input{packed.data(), packed.size(), 0};
    while (input.pos < input.size) {
      if (is_at_end_) return bad("bytes behind its end");
      ZSTD_outBuffer output{buffer_.data(), buffer_.size(), 0};
      const std::size_t left = ZSTD_decompressStream(stream_.get(), &output, &input);
      if (ZSTD_isError(left) != 0) return bad(ZSTD_getErrorName(left));
      is_at_end_ = left == 0;
      TRY(write({buffer_.data(), output.pos}));
    }
    return {};
  }

  // What the decoder still held comes out; then all must be as the table says.
  Result<> finish() {
    while (!is_at_end_) {
      ZSTD_inBuffer nothing{nullptr, 0, 0};
      ZSTD_outBuffer output{buffer_.data(), buffer_.size(), 0};
      const std::size_t left = ZSTD_decompressStream(stream_.get(), &output, &nothing);
      if (ZSTD_isError(left) != 0) return bad(ZSTD_getErrorName(left));
      is_at_end_ = left == 0;
      if (!is_at_end_ && output.pos == 0) return bad("it ends early");
      TRY(write({buffer_.data(), output.pos}));
    }
    if (size_ != file_.size) return bad("it has another size");
    return digest_.hex() == file_.hash ? Result<>() : bad("it has another hash");
  }

 private:
  static Error bad(const std::string& why) { return Error{Errc::kInvalid, why}; }

  Result<> write(std::string_view bytes) {
    size_ += static_cast<std::int64_t>(bytes.size());
    if (size_ > file_.size) return bad("it is larger than it says");
    digest_.add(bytes);
    while (!bytes.empty()) {
      const ssize_t count = ::write(out_.get(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno_error("write");
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }

  const EmbeddedFile& file_;
  const Fd& out_;
  Digest digest_;
  std::string buffer_ = std::string(kPart, '\0');
  std::int64_t size_ = 0;
  bool is_at_end_ = false;
  std::unique_ptr<ZSTD_DStream, FreeZstd> stream_{ZSTD_createDStream()};
};

Result<> unpack(const Database& database, const EmbeddedFile& file, const Fd& out) {
  Statement row = TRY(Statement::prepare(
      database, "SELECT part, data FROM embedded_parts WHERE name = ? ORDER BY part"));
  row.bind(file.name);
  Unpacker unpacker(file, out);
  for (std::int64_t next = 0; TRY(row.step()); ++next) {
    if (row.integer(0) != next || !row.is_blob(1)) {
      return Error{Errc::kInvalid, "its parts are not numbered 0, 1, 2, …"};
    }
    TRY(unpacker.add(row.blob(1)));
  }
  return unpacker.finish();
}

}  // namespace

Result<> embed_files(const std::string& run_file, const std::vector<FileToEmbed>& files) {
  CHECK(files.size() <= kMaxEmbeddedFiles);
  Database database = TRY(open_run_file(run_file, RunFileAccess::kWrite));
  const Result<> embedded = embed_all(database, files);
  if (embedded.ok()) return database.close();
  if (sqlite3_get_autocommit(database.get()) == 0) (void)database.run("ROLLBACK");
  return embedded;
}

Result<std::vector<EmbeddedFile>> embedded_files(const std::string& run_file) {
  const Database database = TRY(open_run_file(run_file, RunFileAccess::kRead));
  std::vector<EmbeddedFile> files;
  if (!TRY(has_tables(database))) return files;
  Statement row =
      TRY(Statement::prepare(database, "SELECT name, hash, size FROM embedded ORDER BY name"));
  std::int64_t left = kMaxEmbeddedSize;
  while (TRY(row.step())) {
    EmbeddedFile file{std::string(row.text(0)), std::string(row.text(1)), row.integer(2)};
    if (!is_good_name(file.name) || !is_hash(file.hash) || file.size < 0) {
      return damaged(run_file, "a row of table 'embedded' makes no sense");
    }
    if (files.size() == kMaxEmbeddedFiles || file.size > left) {
      return damaged(run_file, "it carries more than the limit of " +
                                   std::to_string(kMaxEmbeddedFiles) + " files and " +
                                   std::to_string(kMaxEmbeddedSize >> 20U) + " MiB");
    }
    left -= file.size;
    files.push_back(std::move(file));
  }
  return files;
}

Result<> unpack_embedded(const std::string& run_file, const EmbeddedFile& file, const Fd& out) {
  const Database database = TRY(open_run_file(run_file, RunFileAccess::kRead));
  const Result<> unpacked = unpack(database, file, out);
  if (unpacked.ok() || unpacked.error().code != Errc::kInvalid) return unpacked;
  return damaged(run_file, "the embedded file '" + file.name + "': " + unpacked.error().what);
}

}  // namespace squall
