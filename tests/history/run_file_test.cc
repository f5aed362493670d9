// The run file: what is written comes back, and what is no run file is one clear error.
#include "history/run_file.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "tests/history/temporary_folder.h"

namespace squall {
namespace {

History small_history() {
  History history;
  history.add_process({.client = "kv", .id = 5, .node = "e1", .clock_error = Duration(300)});
  history.add_process({.client = "kv", .id = 6, .node = "e2", .recorder = "e2"});
  Values& values = history.values();
  const FunctionId write = history.functions().intern("write");
  const FunctionId read = history.functions().intern("read");
  history.append({.scheduled = 1'000'000,
                  .sent = 2'000'000,
                  .first_byte = 3'000'000,
                  .completed = 4'000'000,
                  .process = 0,
                  .function = write,
                  .outcome = Outcome::kOk,
                  .key = values.text("x"),
                  .value = values.integer(7)});
  history.append({.scheduled = 2'500'000,
                  .sent = 2'500'000,
                  .process = 1,
                  .function = write,
                  .key = values.text("y\"é"),
                  .value = values.pair(values.boolean(true), values.text("a,\n"))},
                 "timed out");
  history.append({.scheduled = 1'500'000,
                  .sent = 1'500'000,
                  .completed = 1'600'000,
                  .process = 1,
                  .function = read,
                  .outcome = Outcome::kFail,
                  .key = values.integer(12),
                  .value = kNil},
                 "connection refused");
  return history;
}

FaultInterval cut() {
  return {.id = "cut",
          .kind = "network.partition",
          .targets = "e1 | e2",
          .parameters = "",
          .selected_by = "region/eu",
          .requested_start = 100,
          .requested_end = 200,
          .start = 110,
          .end = kNever,
          .is_event = false,
          .ending = ""};
}

RunFileWriter create(const std::string& path) {
  Result<RunFileWriter> writer = RunFileWriter::create(path);
  EXPECT_TRUE(writer.ok()) << writer.error().what;
  return std::move(writer).value();
}

void write_small(const std::string& path) {
  RunFileWriter writer = create(path);
  writer.set_meta("seed", "7");
  writer.add_operations(small_history(), 0);
  ASSERT_TRUE(writer.close().ok());
}

std::string error_of(const std::string& path) {
  const Result<Recording> recording = read_run_file(path);
  return recording.ok() ? "no error" : recording.error().what;
}

TEST(RunFile, GivesBackTheHistory) {
  const TestFolder folder;
  write_small(folder / "a.squall");
  const Result<Recording> read = read_run_file(folder / "a.squall");
  ASSERT_TRUE(read.ok()) << read.error().what;
  History expected = small_history();
  expected.sort_by_sent();
  EXPECT_EQ(read->history.digest(), expected.digest());
  EXPECT_EQ(read->history.describe(0), "process 6 read 12 null (fail, 1.5–1.6 ms)");
  EXPECT_EQ(read->history.error(0), "connection refused");
  EXPECT_EQ(read->history.processes()[0].clock_error, Duration(300));
  EXPECT_EQ(read->history.processes()[1].recorder, "e2");
  EXPECT_EQ(read->meta.at("seed"), "7");
}

TEST(RunFile, GivesBackAllTheRest) {
  const TestFolder folder;
  RunFileWriter writer = create(folder / "a.squall");
  writer.add_fault(cut());
  ASSERT_TRUE(writer.flush().ok());
  FaultInterval healed = cut();
  healed.end = 210;
  healed.ending = "healed";
  writer.add_fault({.id = "kill", .kind = "process.kill", .is_event = true});
  writer.add_fault(healed);
  writer.add_evidence({.fault = "cut", .grade = "installed", .holds = true, .at = 9});
  writer.add_agent({"e1", "0.1.0", "{}"});
  writer.add_log({5, "e1", "etcd", std::string("a\0b\xff", 4)});
  writer.add_metric({6, "", "availability", 0.25});
  writer.add_verdict({.check = "set-full", .answer = "violated", .examined = 3, .detail = "{}"});
  ASSERT_TRUE(writer.close().ok());

  const Result<Recording> read = read_run_file(folder / "a.squall");
  ASSERT_TRUE(read.ok()) << read.error().what;
  ASSERT_EQ(read->faults.size(), 2U);
  EXPECT_EQ(read->faults[0].id, "cut");
  EXPECT_EQ(read->faults[0].end, 210);
  EXPECT_EQ(read->faults[0].ending, "healed");
  EXPECT_TRUE(read->faults[1].is_event);
  ASSERT_EQ(read->evidence.size(), 1U);
  EXPECT_TRUE(read->evidence[0].holds);
  EXPECT_EQ(read->agents.at(0).version, "0.1.0");
  EXPECT_EQ(read->logs.at(0).text, std::string("a\0b\xff", 4));
  EXPECT_EQ(read->metrics.at(0).value, 0.25);
  EXPECT_EQ(read->verdicts.at(0).examined, 3U);
}

TEST(RunFile, CloseLeavesOneFile) {
  const TestFolder folder;
  write_small(folder / "a.squall");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    EXPECT_EQ(entry.path().filename(), "a.squall");
    ++files;
  }
  EXPECT_EQ(files, 1U);
}

TEST(RunFile, AFileThatHasContentIsNotOverwritten) {
  const TestFolder folder;
  const std::string path = folder / "a.squall";
  ASSERT_TRUE(write_file(path, "precious").ok());
  const Result<RunFileWriter> writer = RunFileWriter::create(path);
  ASSERT_FALSE(writer.ok());
  EXPECT_EQ(writer.error().what, path + ": exists already; choose another name with --out");
  EXPECT_EQ(*read_file(path), "precious");
}

TEST(RunFile, VerdictsOfALaterCheckReplaceTheFirst) {
  const TestFolder folder;
  const std::string path = folder / "a.squall";
  RunFileWriter first = create(path);
  first.add_operations(small_history(), 0);
  first.add_verdict({.check = "old"});
  ASSERT_TRUE(first.close().ok());
  Result<RunFileWriter> second = RunFileWriter::open(path);
  ASSERT_TRUE(second.ok()) << second.error().what;
  second->clear_verdicts();
  second->add_verdict({.check = "new"});
  ASSERT_TRUE(second->close().ok());
  const Result<Recording> read = read_run_file(path);
  ASSERT_EQ(read->verdicts.size(), 1U);
  EXPECT_EQ(read->verdicts[0].check, "new");
  EXPECT_EQ(read->history.size(), 3U);
}

TEST(RunFile, IsReadWhileItIsWritten) {
  const TestFolder folder;
  const std::string path = folder / "a.squall";
  RunFileWriter writer = create(path);
  History history = small_history();
  writer.add_operations(history, 0);
  ASSERT_TRUE(writer.flush().ok());
  EXPECT_EQ(read_run_file(path)->history.size(), 3U);
  const Operation again = history.at(0);
  history.append(again);
  writer.add_operations(history, 3);
  EXPECT_EQ(read_run_file(path)->history.size(), 3U);
  ASSERT_TRUE(writer.flush().ok());
  EXPECT_EQ(read_run_file(path)->history.size(), 4U);
  ASSERT_TRUE(writer.close().ok());
  EXPECT_EQ(read_run_file(path)->history.size(), 4U);
}

TEST(RunFile, SaysWhatAFileIsThatIsNone) {
  const TestFolder folder;
  const std::string path = folder / "x";
  EXPECT_EQ(error_of(path), "open " + path + ": No such file or directory");
  EXPECT_EQ(error_of(folder.path()), folder.path() + ": not a run file: it is a folder");
  ASSERT_TRUE(write_file(path, "").ok());
  EXPECT_EQ(error_of(path), path + ": not a run file: it is empty");
  ASSERT_TRUE(write_file(path, std::string(5000, 'z')).ok());
  EXPECT_EQ(error_of(path), path + ": not a run file: it is not an SQLite file");
  ASSERT_TRUE(write_file(path, "SQLite format 3").ok());
  EXPECT_EQ(error_of(path), path + ": not a run file: it is not an SQLite file");
  EXPECT_FALSE(looks_like_run_file(path));
}

void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

TEST(RunFile, RefusesTheSqliteFileOfAnotherProgram) {
  const TestFolder folder;
  const std::string path = folder / "bookmarks.db";
  run_sql(path, "CREATE TABLE meta (key, value)");
  EXPECT_EQ(error_of(path), path + ": not a run file: it is an SQLite file of another program");
}

TEST(RunFile, RefusesAnotherVersion) {
  const TestFolder folder;
  const std::string path = folder / "a.squall";
  write_small(path);
  run_sql(path, "PRAGMA user_version = 2");
  EXPECT_EQ(error_of(path),
            path + ": written in version 2 of the run file, this squall reads version 1");
  EXPECT_TRUE(looks_like_run_file(path));
}

TEST(RunFile, BelievesNoNumberInIt) {
  const std::vector<std::pair<std::string, std::string>> attacks = {
      {"DROP TABLE logs; CREATE VIEW logs AS SELECT * FROM meta",
       "not a run file: table 'logs' is missing or altered"},
      {"UPDATE operations SET process = 99 WHERE operation = 1",
       "damaged: process 99 is not there"},
      {"UPDATE operations SET function = 'x' WHERE operation = 1",
       "damaged: function x is not there"},
      {"UPDATE operations SET outcome = 3 WHERE operation = 1", "damaged: outcome 3 is not there"},
      {"UPDATE operations SET value = -1 WHERE operation = 1", "damaged: value -1 is not there"},
      {"UPDATE operations SET error = 1 WHERE operation = 1",
       "damaged: the error of operation 1 is not text"},
      {"UPDATE operations SET sent_ns = 9223372036854775807 WHERE operation = 0",
       "damaged: a time is out of range"},
      {"UPDATE operations SET took_ns = NULL WHERE operation = 0",
       "damaged: an operation without an end has an outcome"},
      {"UPDATE history_values SET kind = 9 WHERE value = 3", "damaged: kind 9 is not there"},
      {"UPDATE history_values SET data = '[1,' WHERE kind = 4",
       "damaged: value 7 is not valid JSON"},
      {"DELETE FROM history_values WHERE value = 3", "damaged: values are not numbered 0, 1, 2, …"},
      {"DELETE FROM processes WHERE process = 0", "damaged: processes are not numbered 0, 1, 2, …"},
      {"UPDATE functions SET name = 'read'", "damaged: functions are not numbered 0, 1, 2, …"}};
  for (const auto& [sql, expected] : attacks) {
    const TestFolder folder;
    const std::string path = folder / "a.squall";
    write_small(path);
    run_sql(path, sql);
    const std::string error = error_of(path);
    EXPECT_TRUE(error.ends_with(path + ": " + expected)) << sql << "\n" << error;
  }
}

TEST(RunFile, ATruncatedFileIsOneErrorWhereverItIsCut) {
  const TestFolder folder;
  const std::string path = folder / "a.squall";
  RunFileWriter writer = create(path);
  for (int i = 0; i < 2000; ++i) writer.add_log({i, "e1", "etcd", std::string(100, 'x')});
  writer.add_operations(small_history(), 0);
  ASSERT_TRUE(writer.close().ok());
  const std::string whole = *read_file(path);
  for (std::size_t size = 50; size < whole.size(); size += 4096) {
    const std::string cut_path = folder / "cut.squall";
    ASSERT_TRUE(write_file(cut_path, whole.substr(0, size)).ok());
    const Result<Recording> read = read_run_file(cut_path);
    ASSERT_FALSE(read.ok()) << size;
    EXPECT_EQ(read.error().code, Errc::kInvalid) << read.error().what;
  }
}

TEST(RunFile, GarbageInAnyPageNeverCrashesTheReader) {
  const TestFolder folder;
  const std::string path = folder / "a.squall";
  write_small(path);
  const std::string whole = *read_file(path);
  const std::string bad_path = folder / "bad.squall";
  for (std::size_t at = 100; at + 64 < whole.size(); at += 509) {
    std::string bad = whole;
    for (std::size_t i = 0; i < 64; ++i) bad[at + i] = static_cast<char>(i * 37 + at);
    ASSERT_TRUE(write_file(bad_path, bad).ok());
    const Result<Recording> read = read_run_file(bad_path);  // whatever it says, it says it
    if (read.ok()) continue;
    EXPECT_NE(read.error().what.find(bad_path), std::string::npos) << read.error().what;
  }
}

}  // namespace
}  // namespace squall
