// A thin RAII layer over SQLite: a database, and prepared statements of it.  One thread each.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace squall {

class Database {
 public:
  // `uri` is a URI ("file:…?immutable=1"), made by file_uri(); `path` is for messages.
  [[nodiscard]] static Result<Database> open(const std::string& uri, const std::string& path,
                                             int flags);

  [[nodiscard]] sqlite3* get() const { return handle_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  // Statements without results; stops at the first that fails.
  [[nodiscard]] Result<> run(const std::string& sql);
  [[nodiscard]] Result<std::int64_t> number(const std::string& sql);
  // The last failure of this connection: kInvalid for a damaged file, else kIo.
  [[nodiscard]] Error error() const;
  [[nodiscard]] int error_code() const;  // the primary code of the last failure
  // Closes now and says whether that worked; the destructor does it in silence.
  [[nodiscard]] Result<> close();

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  std::unique_ptr<sqlite3, Close> handle_;
  std::string path_;
};

// The path with everything escaped that means something in a URI.
[[nodiscard]] std::string file_uri(const std::string& path, std::string_view query);

// Parameters are bound in order, columns read by number from 0.  Must not outlive its database.
class Statement {
 public:
  [[nodiscard]] static Result<Statement> prepare(const Database& database, std::string_view sql);
  // The same for a text from the user: more or less than one statement is kInvalid.
  [[nodiscard]] static Result<Statement> prepare_only(const Database& database,
                                                      const std::string& sql);

  Statement& bind(std::int64_t value);
  Statement& bind_null();
  Statement& bind(double value);
  // Not copied: must live until the statement has run.
  Statement& bind(std::string_view text);

  // Not copied either.
  Statement& bind_blob(std::string_view bytes);

  // True: there is a row to read.
  [[nodiscard]] Result<bool> step();
  // Runs to the end and makes ready for the next bindings.
  [[nodiscard]] Result<> run();
  // Makes ready for the next bindings without running on.
  void reset();

  [[nodiscard]] int columns() const;
  [[nodiscard]] std::string column_name(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] bool is_integer(int column) const;
  [[nodiscard]] bool is_blob(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double number(int column) const;
  [[nodiscard]] std::string_view text(int column) const;  // valid until the next step
  [[nodiscard]] std::string_view blob(int column) const;  // as well

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(const Database& database, sqlite3_stmt* statement)
      : database_(&database), statement_(statement) {}
  const Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int next_parameter_ = 1;
};

}  // namespace squall
