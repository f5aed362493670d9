// The run file: one SQLite file (*.squall) with everything about a run.  Schema: docs/run-file.md.
//
// Written in WAL mode, checkpointed each second and at the end, so that after SIGKILL of the writer
// FILE and FILE-wal hold all but the last second.  Opened for reading defensively
// (trusted_schema=OFF, defensive mode), because it may come from a stranger's ticket.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "history/recording.h"

namespace squall {

// One writer, one thread.  Every add_… is buffered; flush() commits, and is to be called about once
// a second.  A full disk makes flush() fail with kIo: what was committed stays readable.
class RunFileWriter {
 public:
  // Creates the file; fails if it exists and is not empty.
  [[nodiscard]] static Result<RunFileWriter> create(const std::string& path);
  // Opens an existing one to append verdicts or meta (re-check, report).
  [[nodiscard]] static Result<RunFileWriter> open(const std::string& path);
  RunFileWriter(RunFileWriter&&) noexcept;
  RunFileWriter& operator=(RunFileWriter&&) noexcept;
  ~RunFileWriter();

  void set_meta(const std::string& key, const std::string& value);
  // Processes, functions and values the rows refer to are taken from `history`; rows [from, size())
  // are added.  Always the same history, which only grows; it may still be unsorted: reading sorts.
  // Everything is copied, so that flush() does not look at it.
  void add_operations(const History& history, OpIndex from);
  void add_fault(const FaultInterval& fault);  // replaces the row with the same id
  void add_evidence(const EvidenceRow& row);
  void add_agent(const AgentRow& row);
  void add_log(const LogLine& line);
  void add_metric(const MetricPoint& point);
  void add_verdict(const VerdictRow& row);
  void clear_verdicts();
  // What could not be committed is kept and tried again by the next flush.
  [[nodiscard]] Result<> flush();
  // Flush, checkpoint, and leave a single file behind (no -wal, no -shm).
  [[nodiscard]] Result<> close();

 private:
  struct State;
  explicit RunFileWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Folds a -wal that a killed writer left behind into the file, if it may write there; a live writer
// is not disturbed.  Whatever else the file is (damaged, cut off, another SQLite file, no file at
// all) is one error that says so.
[[nodiscard]] Result<Recording> read_run_file(const std::string& path);
// By its first bytes only.
[[nodiscard]] bool looks_like_run_file(const std::string& path);

struct QueryTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // NULL is "", a blob is hexadecimal
  bool is_truncated = false;                   // there were more rows than the limit
};
// Read-only (an authorizer allows nothing but reading); one statement; at most `row_limit` rows.
[[nodiscard]] Result<QueryTable> query_run_file(const std::string& path, const std::string& sql,
                                                std::size_t row_limit);

}  // namespace squall
