// `squall query`: SQL from the user on a file from anybody.  The authorizer is the rule; that the
// file is opened for reading is only the second line, since a -wal may need folding.
#include <sqlite3.h>

#include "history/run_file.h"
#include "history/run_file_open.h"
#include "history/sqlite.h"

namespace squall {
namespace {

constexpr std::string_view kSpace = " \t\r\n;";

int allow_reading(void* /*context*/, int action, const char* /*first*/, const char* /*second*/,
                  const char* /*database*/, const char* /*trigger*/) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    default:
      return SQLITE_DENY;
  }
}

std::string cell(const Statement& row, int column) {
  const bool is_blob = row.is_blob(column);  // asked first: text() converts
  const std::string_view content = row.text(column);
  if (!is_blob) return std::string(content);
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char character : content) {
    const auto byte = static_cast<unsigned char>(character);
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 15U];
  }
  return hex;
}

Error as_query_error(const Database& database) {
  const int code = database.error_code();
  if (code == SQLITE_AUTH) {
    return Error{Errc::kInvalid,
                 "the query may only read: SELECT …; tables and views are in "
                 "docs/run-file.md"};
  }
  if (code == SQLITE_ERROR) return Error{Errc::kInvalid, sqlite3_errmsg(database.get())};
  return database.error();
}

}  // namespace

Result<QueryTable> query_run_file(const std::string& path, const std::string& sql,
                                  std::size_t row_limit) {
  Database database = TRY(open_run_file(path, RunFileAccess::kRead));
  // Table-valued functions are made at their first use, which the authorizer would not allow.
  (void)TRY(database.number(
      "SELECT count(*) FROM json_each('[]'), json_tree('[]'), pragma_table_info('meta')"));
  (void)sqlite3_set_authorizer(database.get(), allow_reading, nullptr);
  const std::size_t end = sql.find_last_not_of(kSpace);
  if (end == std::string::npos) return Error{Errc::kInvalid, "the query is empty"};
  Result<Statement> prepared = Statement::prepare_only(database, sql.substr(0, end + 1));
  if (!prepared.ok() && prepared.error().code == Errc::kInvalid) return std::move(prepared).error();
  if (!prepared.ok()) return as_query_error(database);
  Statement row = std::move(prepared).value();
  QueryTable table;
  for (int i = 0; i < row.columns(); ++i) table.columns.push_back(row.column_name(i));
  for (;;) {
    const Result<bool> has_row = row.step();
    if (!has_row.ok()) return as_query_error(database);
    if (!*has_row) return table;
    if (table.rows.size() == row_limit) {
      table.is_truncated = true;
      return table;
    }
    std::vector<std::string> cells;
    for (int i = 0; i < row.columns(); ++i) cells.push_back(cell(row, i));
    table.rows.push_back(std::move(cells));
  }
}

}  // namespace squall
