// The writer: rows wait in memory and go to disk in one transaction per flush, so that a failed
// flush loses nothing and the recorder never waits for the disk.
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "history/run_file.h"
#include "history/run_file_open.h"
#include "history/run_file_schema.h"
#include "history/sqlite.h"

namespace squall {
namespace {

constexpr int kBusyWaitMs = 2000;  // a reader that folds a -wal is done well before

struct PendingOperation {
  Operation op;
  ValueId error;
};

struct PendingValue {
  ValueId id;
  ValueKind kind;
  std::int64_t number;
  std::string text;
};

PendingValue pending_value(const Values& values, ValueId id) {
  PendingValue pending{.id = id, .kind = values.kind(id), .number = 0, .text = {}};
  if (pending.kind == ValueKind::kBoolean) pending.number = values.as_boolean(id) ? 1 : 0;
  if (pending.kind == ValueKind::kInteger) pending.number = values.as_integer(id);
  if (pending.kind == ValueKind::kText) pending.text = values.as_text(id);
  if (pending.kind == ValueKind::kList) values.append_json(id, pending.text);
  return pending;
}

// Everything that has been added since the last flush.
struct Pending {
  std::vector<std::pair<std::string, std::string>> meta;
  std::vector<Process> processes;
  std::vector<std::string> functions;
  std::vector<PendingValue> values;
  std::vector<PendingOperation> operations;
  std::vector<FaultInterval> faults;
  std::vector<EvidenceRow> evidence;
  std::vector<AgentRow> agents;
  std::vector<LogLine> logs;
  std::vector<MetricPoint> metrics;
  std::vector<VerdictRow> verdicts;
  bool is_clearing_verdicts = false;
};

// How much of the history the file has, by the numbers of the next rows.
struct Next {
  std::int64_t process = 0;
  std::int64_t function = 0;
  std::int64_t operation = 0;
};

Statement& bind_id(Statement& statement, ValueId id, ValueId none) {
  return id == none ? statement.bind_null() : statement.bind(std::int64_t{id});
}

Result<> insert_processes(const Database& database, const Pending& pending, Next& next) {
  Statement insert =
      TRY(Statement::prepare(database, "INSERT INTO processes VALUES (?,?,?,?,?,?)"));
  for (const Process& process : pending.processes) {
    insert.bind(next.process++).bind(process.id).bind(process.client).bind(process.node);
    insert.bind(process.recorder).bind(std::int64_t{process.clock_error.count()});
    TRY(insert.run());
  }
  return {};
}

Result<> insert_functions(const Database& database, const Pending& pending, Next& next) {
  Statement insert = TRY(Statement::prepare(database, "INSERT INTO functions VALUES (?,?)"));
  for (const std::string& name : pending.functions) {
    TRY(insert.bind(next.function++).bind(name).run());
  }
  return {};
}

Result<> insert_values(const Database& database, const Pending& pending) {
  Statement insert = TRY(Statement::prepare(database, "INSERT INTO history_values VALUES (?,?,?)"));
  for (const PendingValue& value : pending.values) {
    insert.bind(std::int64_t{value.id}).bind(static_cast<std::int64_t>(value.kind));
    if (value.kind == ValueKind::kNull) {
      insert.bind_null();
    } else if (value.kind == ValueKind::kText || value.kind == ValueKind::kList) {
      insert.bind(value.text);
    } else {
      insert.bind(value.number);
    }
    TRY(insert.run());
  }
  return {};
}

Result<> insert_operations(const Database& database, const Pending& pending, Next& next) {
  Statement insert =
      TRY(Statement::prepare(database, "INSERT INTO operations VALUES (?,?,?,?,?,?,?,?,?,?,?)"));
  for (const auto& [op, error] : pending.operations) {
    insert.bind(next.operation++).bind(std::int64_t{op.process}).bind(std::int64_t{op.function});
    insert.bind(static_cast<std::int64_t>(op.outcome));
    bind_id(insert, op.key, kAbsent);
    bind_id(insert, op.value, kAbsent);
    bind_id(insert, error, kNil);
    insert.bind(op.sent).bind(op.sent - op.scheduled);
    op.first_byte == 0 ? insert.bind_null() : insert.bind(op.first_byte - op.sent);
    op.completed == kNever ? insert.bind_null() : insert.bind(op.completed - op.sent);
    TRY(insert.run());
  }
  return {};
}

Result<> insert_faults(const Database& database, const Pending& pending) {
  Statement insert = TRY(Statement::prepare(
      database,
      "INSERT INTO faults VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET "
      "kind=excluded.kind, targets=excluded.targets, parameters=excluded.parameters, "
      "selected_by=excluded.selected_by, requested_start_ns=excluded.requested_start_ns, "
      "requested_end_ns=excluded.requested_end_ns, start_ns=excluded.start_ns, "
      "end_ns=excluded.end_ns, is_event=excluded.is_event, ending=excluded.ending"));
  for (const FaultInterval& fault : pending.faults) {
    insert.bind(fault.id).bind(fault.kind).bind(fault.targets).bind(fault.parameters);
    insert.bind(fault.selected_by).bind(fault.requested_start).bind(fault.requested_end);
    insert.bind(fault.start);
    fault.end == kNever ? insert.bind_null() : insert.bind(fault.end);
    TRY(insert.bind(std::int64_t{fault.is_event}).bind(fault.ending).run());
  }
  return {};
}

Result<> insert_evidence(const Database& database, const Pending& pending) {
  Statement insert =
      TRY(Statement::prepare(database, "INSERT INTO evidence VALUES (?,?,?,?,?,?,?,?,?)"));
  for (const EvidenceRow& row : pending.evidence) {
    insert.bind(row.fault).bind(row.grade).bind(row.moment).bind(row.node).bind(row.what);
    insert.bind(row.expected).bind(row.observed).bind(std::int64_t{row.holds}).bind(row.at);
    TRY(insert.run());
  }
  return {};
}

Result<> insert_logs_and_metrics(const Database& database, const Pending& pending) {
  Statement log = TRY(Statement::prepare(database, "INSERT INTO logs VALUES (?,?,?,?)"));
  for (const LogLine& line : pending.logs) {
    TRY(log.bind(line.at).bind(line.node).bind(line.process).bind(line.text).run());
  }
  Statement metric = TRY(Statement::prepare(database, "INSERT INTO metrics VALUES (?,?,?,?)"));
  for (const MetricPoint& point : pending.metrics) {
    TRY(metric.bind(point.at).bind(point.node).bind(point.name).bind(point.value).run());
  }
  return {};
}

Result<> insert_meta_and_agents(const Database& database, const Pending& pending) {
  Statement meta = TRY(Statement::prepare(database, "INSERT OR REPLACE INTO meta VALUES (?,?)"));
  for (const auto& [key, value] : pending.meta) TRY(meta.bind(key).bind(value).run());
  Statement agent = TRY(Statement::prepare(database, "INSERT INTO agents VALUES (?,?,?)"));
  for (const AgentRow& row : pending.agents) {
    TRY(agent.bind(row.node).bind(row.version).bind(row.capabilities).run());
  }
  return {};
}

Result<> insert_verdicts(Database& database, const Pending& pending) {
  if (pending.is_clearing_verdicts) TRY(database.run("DELETE FROM verdicts"));
  Statement insert =
      TRY(Statement::prepare(database, "INSERT INTO verdicts VALUES (?,?,?,?,?,?,?)"));
  for (const VerdictRow& row : pending.verdicts) {
    insert.bind(row.check).bind(row.client).bind(row.answer).bind(row.kind);
    insert.bind(static_cast<std::int64_t>(row.examined)).bind(row.summary).bind(row.detail);
    TRY(insert.run());
  }
  return {};
}

Result<> insert_all(Database& database, const Pending& pending, Next& next) {
  TRY(insert_meta_and_agents(database, pending));
  TRY(insert_processes(database, pending, next));
  TRY(insert_functions(database, pending, next));
  TRY(insert_values(database, pending));
  TRY(insert_operations(database, pending, next));
  TRY(insert_faults(database, pending));
  TRY(insert_evidence(database, pending));
  TRY(insert_logs_and_metrics(database, pending));
  return insert_verdicts(database, pending);
}

// The header and the tables are in the file itself before the first -wal exists, so that a reader
// knows it for a run file from then on.
Result<> create_schema(Database& database) {
  // An empty file need not survive a power cut.
  TRY(database.run("PRAGMA page_size = 8192; PRAGMA synchronous = OFF"));
  std::string sql = "BEGIN IMMEDIATE;";
  sql += "PRAGMA application_id = " + std::to_string(kRunFileApplicationId) + ";";
  sql += "PRAGMA user_version = " + std::to_string(kRunFileVersion) + ";";
  for (const SchemaObject& table : run_file_tables()) sql += std::string(table.sql) + ";";
  for (const SchemaObject& view : run_file_views()) sql += std::string(view.sql) + ";";
  return database.run(sql + "COMMIT");
}

// A checkpoint each flush keeps the -wal as small as a flush; without syncing at each commit the
// recorder does not compete with the stack's own fsync (a power cut costs the last second).
Result<> prepare_for_writing(Database& database) {
  (void)sqlite3_busy_timeout(database.get(), kBusyWaitMs);
  return database.run(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; "
      "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384");
}

}  // namespace

struct RunFileWriter::State {
  Database database;
  bool may_add_operations = false;
  Pending pending{};
  Next next{};
  std::size_t seen_processes = 0;
  std::size_t seen_functions = 0;
  std::size_t seen_values = 0;
};

RunFileWriter::RunFileWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
RunFileWriter::RunFileWriter(RunFileWriter&&) noexcept = default;
RunFileWriter& RunFileWriter::operator=(RunFileWriter&&) noexcept = default;
RunFileWriter::~RunFileWriter() = default;

Result<RunFileWriter> RunFileWriter::create(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) == 0 && (!S_ISREG(facts.st_mode) || facts.st_size > 0)) {
    return Error{Errc::kInvalid, path + ": exists already; choose another name with --out"};
  }
  Database database =
      TRY(Database::open(file_uri(path, ""), path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  TRY(create_schema(database).in("create the run file"));
  TRY(prepare_for_writing(database));
  return RunFileWriter(
      std::make_unique<State>(State{.database = std::move(database), .may_add_operations = true}));
}

Result<RunFileWriter> RunFileWriter::open(const std::string& path) {
  Database database = TRY(open_run_file(path, RunFileAccess::kWrite));
  TRY(prepare_for_writing(database));
  return RunFileWriter(std::make_unique<State>(State{.database = std::move(database)}));
}

void RunFileWriter::set_meta(const std::string& key, const std::string& value) {
  state_->pending.meta.emplace_back(key, value);
}

void RunFileWriter::add_operations(const History& history, OpIndex from) {
  State& state = *state_;
  CHECK(state.may_add_operations);
  CHECK(history.processes().size() >= state.seen_processes);
  CHECK(history.values().size() >= state.seen_values);
  for (; state.seen_processes < history.processes().size(); ++state.seen_processes) {
    state.pending.processes.push_back(history.processes()[state.seen_processes]);
  }
  for (; state.seen_functions < history.functions().size(); ++state.seen_functions) {
    state.pending.functions.push_back(
        history.functions().name(static_cast<FunctionId>(state.seen_functions)));
  }
  for (; state.seen_values < history.values().size(); ++state.seen_values) {
    state.pending.values.push_back(
        pending_value(history.values(), static_cast<ValueId>(state.seen_values)));
  }
  for (OpIndex i = from; i < history.size(); ++i) {
    state.pending.operations.push_back({.op = history.at(i), .error = history.error_id(i)});
  }
}

void RunFileWriter::add_fault(const FaultInterval& fault) {
  state_->pending.faults.push_back(fault);
}
void RunFileWriter::add_evidence(const EvidenceRow& row) {
  state_->pending.evidence.push_back(row);
}
void RunFileWriter::add_agent(const AgentRow& row) {
  state_->pending.agents.push_back(row);
}
void RunFileWriter::add_log(const LogLine& line) {
  state_->pending.logs.push_back(line);
}
void RunFileWriter::add_metric(const MetricPoint& point) {
  state_->pending.metrics.push_back(point);
}
void RunFileWriter::add_verdict(const VerdictRow& row) {
  state_->pending.verdicts.push_back(row);
}
void RunFileWriter::clear_verdicts() {
  state_->pending.verdicts.clear();
  state_->pending.is_clearing_verdicts = true;
}

Result<> RunFileWriter::flush() {
  State& state = *state_;
  Next next = state.next;
  TRY(state.database.run("BEGIN IMMEDIATE"));
  Result<> result = insert_all(state.database, state.pending, next);
  if (result.ok()) result = state.database.run("COMMIT");
  if (!result.ok()) {
    // A full disk may have rolled back already, in which case there is nothing to roll back.
    if (sqlite3_get_autocommit(state.database.get()) == 0) (void)state.database.run("ROLLBACK");
    return result;
  }
  state.next = next;
  state.pending = {};
  return state.database.run("PRAGMA wal_checkpoint(PASSIVE)");
}

Result<> RunFileWriter::close() {
  TRY(flush());
  // Leaving WAL mode folds the log and removes it; it waits for readers, and fails if one stays.
  TRY(state_->database.run("PRAGMA journal_mode = DELETE"));
  return state_->database.close();
}

}  // namespace squall
