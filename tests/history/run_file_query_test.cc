// `squall query`: reading anything, changing nothing.
#include <gtest/gtest.h>

#include "base/files.h"
#include "history/run_file.h"
#include "tests/history/temporary_folder.h"

namespace squall {
namespace {

class RunFileQuery : public ::testing::Test {
 protected:
  void SetUp() override {
    Result<RunFileWriter> writer = RunFileWriter::create(path_);
    ASSERT_TRUE(writer.ok());
    History history;
    history.add_process({.client = "kv", .id = 5, .node = "e1"});
    const FunctionId write = history.functions().intern("write");
    for (int i = 0; i < 3; ++i) {
      history.append({.scheduled = 1'000'000,
                      .sent = 2'000'000 + i,
                      .first_byte = 0,
                      .completed = 4'500'000,
                      .process = 0,
                      .function = write,
                      .outcome = Outcome::kFail,
                      .key = history.values().text("x"),
                      .value = history.values().pair(history.values().text("a"), kNil)},
                     "refused");
    }
    writer->add_operations(history, 0);
    writer->add_fault({.id = "cut", .kind = "network.partition", .start = 5'000'000});
    ASSERT_TRUE(writer->close().ok());
  }

  // Cells of a row by '|', rows by '\n'; or the error.
  std::string ask(const std::string& sql, std::size_t limit = 100) {
    const Result<QueryTable> table = query_run_file(path_, sql, limit);
    if (!table.ok()) return table.error().what;
    std::string text;
    for (const std::vector<std::string>& row : table->rows) {
      for (const std::string& cell : row) text += cell + "|";
      text += '\n';
    }
    return text + (table->is_truncated ? "…" : "");
  }

  TestFolder folder_;
  std::string path_ = folder_ / "a.squall";
};

constexpr const char* kMayOnlyRead =
    "the query may only read: SELECT …; tables and views are in docs/run-file.md";

TEST_F(RunFileQuery, TheViewOpsIsReadable) {
  EXPECT_EQ(ask("SELECT process, client, node, f, key, value, outcome, error, sent_ms, "
                "first_byte_ms, completed_ms, took_ms FROM ops WHERE operation = 0"),
            "5|kv|e1|write|x|[\"a\",null]|fail|refused|2.0||4.5|2.5|\n");
}

TEST_F(RunFileQuery, ColumnsHaveNames) {
  const Result<QueryTable> table = query_run_file(path_, "SELECT id, start_ms FROM fault_times", 9);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->columns, (std::vector<std::string>{"id", "start_ms"}));
  EXPECT_EQ(table->rows, (std::vector<std::vector<std::string>>{{"cut", "5.0"}}));
}

TEST_F(RunFileQuery, AnswersAllOfSelect) {
  EXPECT_EQ(ask("WITH t AS (SELECT 1 AS a) SELECT a, x'00ff', NULL FROM t -- done"), "1|00ff||\n");
  EXPECT_EQ(ask("SELECT json_extract(value, '$[0]') FROM ops LIMIT 1;"), "a|\n");
  EXPECT_EQ(ask("SELECT item.value FROM ops, json_each(ops.value) AS item WHERE operation = 0"),
            "a|\n|\n");
  EXPECT_EQ(ask("SELECT count(*) FROM sqlite_schema WHERE type = 'view'"), "3|\n");
}

TEST_F(RunFileQuery, RowsAreLimited) {
  EXPECT_EQ(ask("SELECT operation FROM operations", 2), "0|\n1|\n…");
  EXPECT_EQ(ask("SELECT operation FROM operations", 3), "0|\n1|\n2|\n");
}

TEST_F(RunFileQuery, ChangesNothing) {
  const std::string before = *read_file(path_);
  for (const std::string sql :
       {"DELETE FROM meta", "CREATE TABLE x (y)", "PRAGMA user_version = 9", "VACUUM",
        "ATTACH '/tmp/x' AS x", "BEGIN EXCLUSIVE", "CREATE TEMP TABLE x (y)", "DROP VIEW ops",
        "PRAGMA writable_schema = 1", "INSERT INTO meta VALUES ('a', 'b')",
        "VACUUM INTO '/tmp/y'"}) {
    EXPECT_EQ(ask(sql), kMayOnlyRead) << sql;
  }
  EXPECT_EQ(*read_file(path_), before);
}

TEST_F(RunFileQuery, SaysWhatIsWrongWithTheQuery) {
  EXPECT_EQ(ask(""), "the query is empty");
  EXPECT_EQ(ask(" ; "), "the query is empty");
  EXPECT_EQ(ask("-- nothing"), "the query is empty");
  EXPECT_EQ(ask("SELECT 1; SELECT 2"), "one statement at a time");
  EXPECT_EQ(ask("SELECT nope FROM ops"), "no such column: nope");
  EXPECT_EQ(ask("SELEC 1"), "near \"SELEC\": syntax error");
}

}  // namespace
}  // namespace squall
