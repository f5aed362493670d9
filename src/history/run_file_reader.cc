// Run file → recording.  Nothing in the file is believed: every number that names something else is
// looked up before it is used.
#include <simdjson.h>

#include <optional>
#include <utility>

#include "history/json_value.h"
#include "history/run_file.h"
#include "history/run_file_open.h"
#include "history/sqlite.h"

namespace squall {
namespace {

std::string text_at(const Statement& row, int column) {
  return std::string(row.text(column));
}

class Reader {
 public:
  explicit Reader(Database database) : database_(std::move(database)) {}
  Result<Recording> read();

 private:
  Result<> read_meta();
  Result<> read_processes();
  Result<> read_functions();
  Result<> read_values();
  Result<> read_operations();
  Result<> read_faults();
  Result<> read_evidence();
  Result<> read_agents();
  Result<> read_logs();
  Result<> read_metrics();
  Result<> read_verdicts();

  Result<ValueId> value_of(const Statement& row);
  Result<Operation> operation_of(const Statement& row);
  Result<ValueId> value_at(const Statement& row, int column, ValueId none) const;
  // A number from 0 to below `limit`.
  Result<std::size_t> index_at(const Statement& row, int column, std::size_t limit) const;
  Result<Statement> select(const std::string& sql) { return Statement::prepare(database_, sql); }
  [[nodiscard]] Error damaged(const std::string& what) const {
    return Error{Errc::kInvalid, database_.path() + ": damaged: " + what};
  }

  Database database_;
  Recording recording_;
  std::vector<ValueId> values_;  // by their number in the file
  simdjson::dom::parser parser_;
};

Result<Recording> Reader::read() {
  // One transaction: a live writer may commit between two tables.
  TRY(database_.run("BEGIN"));
  TRY(read_meta());
  TRY(read_processes());
  TRY(read_functions());
  TRY(read_values());
  TRY(read_operations());
  TRY(read_faults());
  TRY(read_evidence());
  TRY(read_agents());
  TRY(read_logs());
  TRY(read_metrics());
  TRY(read_verdicts());
  TRY(database_.run("COMMIT"));
  recording_.history.sort_by_sent();
  return std::move(recording_);
}

Result<> Reader::read_meta() {
  Statement row = TRY(select("SELECT key, value FROM meta"));
  while (TRY(row.step())) recording_.meta[text_at(row, 0)] = text_at(row, 1);
  return {};
}

Result<> Reader::read_processes() {
  Statement row =
      TRY(select("SELECT process, id, client, node, recorder, clock_error_ns FROM processes ORDER "
                 "BY process"));
  while (TRY(row.step())) {
    const std::size_t next = recording_.history.processes().size();
    if (next == kMaxProcesses || row.integer(0) != static_cast<std::int64_t>(next)) {
      return damaged("processes are not numbered 0, 1, 2, …");
    }
    recording_.history.add_process({.client = text_at(row, 2),
                                    .id = row.integer(1),
                                    .node = text_at(row, 3),
                                    .recorder = text_at(row, 4),
                                    .clock_error = Duration(row.integer(5))});
  }
  return {};
}

Result<> Reader::read_functions() {
  Statement row = TRY(select("SELECT function, name FROM functions ORDER BY function"));
  Functions& functions = recording_.history.functions();
  while (TRY(row.step())) {
    const std::size_t next = functions.size();
    const bool is_next = next < kMaxFunctions && row.integer(0) == static_cast<std::int64_t>(next);
    if (!is_next || functions.find(row.text(1))) {
      return damaged("functions are not numbered 0, 1, 2, …");
    }
    functions.intern(row.text(1));
  }
  return {};
}

Result<ValueId> Reader::value_of(const Statement& row) {
  Values& values = recording_.history.values();
  switch (static_cast<ValueKind>(TRY(index_at(row, 1, 5)))) {
    case ValueKind::kNull:
      return kNil;
    case ValueKind::kBoolean:
      return values.boolean(row.integer(2) != 0);
    case ValueKind::kInteger:
      return values.integer(row.integer(2));
    case ValueKind::kText:
      return values.text(row.text(2));
    case ValueKind::kList:
      break;
  }
  const std::string_view json = row.text(2);
  simdjson::dom::element element;
  if (parser_.parse(json.data(), json.size()).get(element) != simdjson::SUCCESS) {
    return damaged("value " + std::to_string(row.integer(0)) + " is not valid JSON");
  }
  ValueId id = kNil;
  const std::optional<std::string> problem = read_json_value(element, values, id);
  if (problem) return damaged("value " + std::to_string(row.integer(0)) + ": " + *problem);
  return id;
}

Result<> Reader::read_values() {
  Statement row = TRY(select("SELECT value, kind, data FROM history_values ORDER BY value"));
  while (TRY(row.step())) {
    if (row.integer(0) != static_cast<std::int64_t>(values_.size())) {
      return damaged("values are not numbered 0, 1, 2, …");
    }
    values_.push_back(TRY(value_of(row)));
  }
  return {};
}

Result<std::size_t> Reader::index_at(const Statement& row, int column, std::size_t limit) const {
  const std::int64_t value = row.integer(column);
  if (row.is_integer(column) && value >= 0 && static_cast<std::uint64_t>(value) < limit) {
    return static_cast<std::size_t>(value);
  }
  return damaged(row.column_name(column) + " " + text_at(row, column) + " is not there");
}

Result<ValueId> Reader::value_at(const Statement& row, int column, ValueId none) const {
  if (row.is_null(column)) return none;
  return values_[TRY(index_at(row, column, values_.size()))];
}

// A time that is `distance` from `at`, unless that is out of range.
std::optional<std::int64_t> add_times(std::int64_t at, std::int64_t distance) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(at, distance, &sum) || sum == kNever) return std::nullopt;
  return sum;
}

Result<Operation> Reader::operation_of(const Statement& row) {
  const History& history = recording_.history;
  Operation op;
  op.process = static_cast<ProcessIndex>(TRY(index_at(row, 0, history.processes().size())));
  op.function = static_cast<FunctionId>(TRY(index_at(row, 1, history.functions().size())));
  op.outcome = static_cast<Outcome>(TRY(index_at(row, 2, 3)));
  op.key = TRY(value_at(row, 3, kAbsent));
  op.value = TRY(value_at(row, 4, kAbsent));
  op.sent = row.integer(6);
  const std::optional<std::int64_t> first_byte = add_times(op.sent, row.integer(8));
  const std::optional<std::int64_t> completed = add_times(op.sent, row.integer(9));
  const bool is_in_range = !__builtin_sub_overflow(op.sent, row.integer(7), &op.scheduled);
  if (!is_in_range || !first_byte || !completed) return damaged("a time is out of range");
  if (!row.is_null(8)) op.first_byte = *first_byte == 0 ? 1 : *first_byte;
  if (!row.is_null(9)) op.completed = *completed;
  if (row.is_null(9) && op.outcome != Outcome::kInfo) {
    return damaged("an operation without an end has an outcome");
  }
  return op;
}

Result<> Reader::read_operations() {
  Statement row =
      TRY(select("SELECT process, function, outcome, key, value, error, sent_ns, wait_ns, "
                 "first_byte_in_ns, took_ns, operation FROM operations ORDER BY operation"));
  History& history = recording_.history;
  while (TRY(row.step())) {
    const Result<Operation> op = operation_of(row);
    if (!op.ok()) return op.error().in("operation " + text_at(row, 10));
    const ValueId error = TRY(value_at(row, 5, kNil));
    if (error != kNil && history.values().kind(error) != ValueKind::kText) {
      return damaged("the error of operation " + text_at(row, 10) + " is not text");
    }
    // A copy: append() interns, and must not look at a text of its own while it does.
    history.append(*op,
                   error == kNil ? std::string() : std::string(history.values().as_text(error)));
  }
  return {};
}

Result<> Reader::read_faults() {
  Statement row = TRY(
      select("SELECT id, kind, targets, parameters, selected_by, requested_start_ns, "
             "requested_end_ns, start_ns, end_ns, is_event, ending FROM faults ORDER BY rowid"));
  while (TRY(row.step())) {
    recording_.faults.push_back({.id = text_at(row, 0),
                                 .kind = text_at(row, 1),
                                 .targets = text_at(row, 2),
                                 .parameters = text_at(row, 3),
                                 .selected_by = text_at(row, 4),
                                 .requested_start = row.integer(5),
                                 .requested_end = row.integer(6),
                                 .start = row.integer(7),
                                 .end = row.is_null(8) ? kNever : row.integer(8),
                                 .is_event = row.integer(9) != 0,
                                 .ending = text_at(row, 10)});
  }
  return {};
}

Result<> Reader::read_evidence() {
  Statement row =
      TRY(select("SELECT fault, grade, moment, node, what, expected, observed, holds, at_ns "
                 "FROM evidence ORDER BY rowid"));
  while (TRY(row.step())) {
    recording_.evidence.push_back({.fault = text_at(row, 0),
                                   .grade = text_at(row, 1),
                                   .moment = text_at(row, 2),
                                   .node = text_at(row, 3),
                                   .what = text_at(row, 4),
                                   .expected = text_at(row, 5),
                                   .observed = text_at(row, 6),
                                   .holds = row.integer(7) != 0,
                                   .at = row.integer(8)});
  }
  return {};
}

Result<> Reader::read_agents() {
  Statement row = TRY(select("SELECT node, version, capabilities FROM agents ORDER BY rowid"));
  while (TRY(row.step())) {
    recording_.agents.push_back({text_at(row, 0), text_at(row, 1), text_at(row, 2)});
  }
  return {};
}

Result<> Reader::read_logs() {
  Statement row = TRY(select("SELECT at_ns, node, process, text FROM logs ORDER BY rowid"));
  while (TRY(row.step())) {
    recording_.logs.push_back({row.integer(0), text_at(row, 1), text_at(row, 2), text_at(row, 3)});
  }
  return {};
}

Result<> Reader::read_metrics() {
  Statement row = TRY(select("SELECT at_ns, node, name, value FROM metrics ORDER BY rowid"));
  while (TRY(row.step())) {
    recording_.metrics.push_back({row.integer(0), text_at(row, 1), text_at(row, 2), row.number(3)});
  }
  return {};
}

Result<> Reader::read_verdicts() {
  Statement row =
      TRY(select("SELECT check_name, client, answer, kind, examined, summary, detail "
                 "FROM verdicts ORDER BY rowid"));
  while (TRY(row.step())) {
    recording_.verdicts.push_back({.check = text_at(row, 0),
                                   .client = text_at(row, 1),
                                   .answer = text_at(row, 2),
                                   .kind = text_at(row, 3),
                                   .examined = static_cast<std::uint64_t>(row.integer(4)),
                                   .summary = text_at(row, 5),
                                   .detail = text_at(row, 6)});
  }
  return {};
}

}  // namespace

Result<Recording> read_run_file(const std::string& path) {
  return Reader(TRY(open_run_file(path, RunFileAccess::kRead))).read();
}

}  // namespace squall
