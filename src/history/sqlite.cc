// SQLite's C interface behind sqlite.h, with its failures as our errors.
#include "history/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace squall {
namespace {

bool is_disk_full(int code, int error) {
  if (code == SQLITE_FULL) return true;
  return code == SQLITE_IOERR && (error == ENOSPC || error == EDQUOT || error == EFBIG);
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const {
  (void)sqlite3_close_v2(handle);
}

Result<Database> Database::open(const std::string& uri, const std::string& path, int flags) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(uri.c_str(), &handle, flags | SQLITE_OPEN_URI, nullptr);
  Database database(handle, path);
  if (handle == nullptr) return Error{Errc::kIo, path + ": SQLite has no memory"};
  if (code != SQLITE_OK) return database.error();
  (void)sqlite3_extended_result_codes(handle, 1);
  return database;
}

int Database::error_code() const {
  return sqlite3_errcode(get()) & 0xff;
}

Error Database::error() const {
  const int code = error_code();
  const int error = sqlite3_system_errno(get());
  if (is_disk_full(code, error)) {
    const std::string cause = error != 0 ? std::strerror(error) : "No space left on device";
    return Error{Errc::kIo, "write " + path_ + ": " + cause +
                                "; free some space or choose another place with --out (what was "
                                "committed before stays readable)"};
  }
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
    return Error{Errc::kInvalid, path_ + ": damaged or cut off: " + sqlite3_errmsg(get())};
  }
  std::string what = path_ + ": " + sqlite3_errmsg(get());
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) what += "; another program holds it open";
  if ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && error != 0) {
    what += std::string(": ") + std::strerror(error);
  }
  return Error{Errc::kIo, what};
}

Result<> Database::run(const std::string& sql) {
  if (sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return error();
  return {};
}

Result<std::int64_t> Database::number(const std::string& sql) {
  Statement statement = TRY(Statement::prepare(*this, sql));
  if (!TRY(statement.step())) return Error{Errc::kInvalid, path_ + ": no answer to " + sql};
  return statement.integer(0);
}

Result<> Database::close() {
  sqlite3* const handle = handle_.release();
  if (sqlite3_close(handle) == SQLITE_OK) return {};
  handle_.reset(handle);
  return error();
}

std::string file_uri(const std::string& path, std::string_view query) {
  // A relative path needs "./" in front: "file:a:b" is fine, but "file://x" would name a host.
  std::string uri = path.starts_with('/') ? "file://" : "file:./";
  for (const char character : path) {
    if (character == '%') {
      uri += "%25";
    } else if (character == '?') {
      uri += "%3f";
    } else if (character == '#') {
      uri += "%23";
    } else {
      uri += character;
    }
  }
  if (!query.empty()) uri += '?';
  uri += query;
  return uri;
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  (void)sqlite3_finalize(statement);  // repeats the error of the last step
}

Result<Statement> Statement::prepare(const Database& database, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database.get(), sql.data(), static_cast<int>(sql.size()), &statement,
                         nullptr) != SQLITE_OK) {
    return database.error();
  }
  return Statement(database, statement);
}

Result<Statement> Statement::prepare_only(const Database& database, const std::string& sql) {
  sqlite3_stmt* first = nullptr;
  const char* rest = nullptr;
  if (sqlite3_prepare_v2(database.get(), sql.c_str(), -1, &first, &rest) != SQLITE_OK) {
    return database.error();
  }
  Statement statement(database, first);
  if (first == nullptr) return Error{Errc::kInvalid, "the query is empty"};
  // What follows may be a comment, from which SQLite makes no statement.
  sqlite3_stmt* second = nullptr;
  const int code = sqlite3_prepare_v2(database.get(), rest, -1, &second, nullptr);
  const Statement more(database, second);
  if (code == SQLITE_OK && second == nullptr) return statement;
  return Error{Errc::kInvalid, "one statement at a time"};
}

Statement& Statement::bind(std::int64_t value) {
  CHECK(sqlite3_bind_int64(statement_.get(), next_parameter_++, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_null() {
  CHECK(sqlite3_bind_null(statement_.get(), next_parameter_++) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(double value) {
  CHECK(sqlite3_bind_double(statement_.get(), next_parameter_++, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  const char* const data = text.data() == nullptr ? "" : text.data();
  // Too long for SQLite: the row then fails with that very message, which run() reports.
  (void)sqlite3_bind_text64(statement_.get(), next_parameter_++, data, text.size(), SQLITE_STATIC,
                            SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
  (void)sqlite3_bind_blob64(statement_.get(), next_parameter_++, bytes.data(), bytes.size(),
                            SQLITE_STATIC);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->error();
}

Result<> Statement::run() {
  next_parameter_ = 1;
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_DONE || code == SQLITE_ROW) {
    (void)sqlite3_reset(statement_.get());
    return {};
  }
  Error error = database_->error();
  (void)sqlite3_reset(statement_.get());  // repeats the error
  return error;
}

void Statement::reset() {
  next_parameter_ = 1;
  (void)sqlite3_reset(statement_.get());  // repeats the error of the last step
}

int Statement::columns() const {
  return sqlite3_column_count(statement_.get());
}

std::string Statement::column_name(int column) const {
  return sqlite3_column_name(statement_.get(), column);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

bool Statement::is_integer(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_INTEGER;
}

bool Statement::is_blob(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_BLOB;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::number(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* const data = sqlite3_column_text(statement_.get(), column);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string_view Statement::blob(int column) const {
  const void* const data = sqlite3_column_blob(statement_.get(), column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

}  // namespace squall
