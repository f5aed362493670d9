// Operations are small because names and values stand in tables of their own (processes, functions,
// history_values), and times as distances from `sent_ns`.  The view `ops` puts it together again.
#include "history/run_file_schema.h"

#include <array>

namespace squall {
namespace {

constexpr std::array<SchemaObject, 11> kTables = {{
    {"meta", "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"},
    {"processes",
     "CREATE TABLE processes (process INTEGER PRIMARY KEY, id INTEGER NOT NULL, "
     "client TEXT NOT NULL, node TEXT NOT NULL, recorder TEXT NOT NULL, "
     "clock_error_ns INTEGER NOT NULL)"},
    {"functions", "CREATE TABLE functions (function INTEGER PRIMARY KEY, name TEXT NOT NULL)"},
    {"history_values",
     "CREATE TABLE history_values (value INTEGER PRIMARY KEY, kind INTEGER NOT NULL, data)"},
    {"operations",
     "CREATE TABLE operations (operation INTEGER PRIMARY KEY, process INTEGER NOT NULL, "
     "function INTEGER NOT NULL, outcome INTEGER NOT NULL, key INTEGER, value INTEGER, "
     "error INTEGER, sent_ns INTEGER NOT NULL, wait_ns INTEGER NOT NULL, "
     "first_byte_in_ns INTEGER, took_ns INTEGER)"},
    {"faults",
     "CREATE TABLE faults (id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, targets TEXT NOT NULL, "
     "parameters TEXT NOT NULL, selected_by TEXT NOT NULL, requested_start_ns INTEGER NOT NULL, "
     "requested_end_ns INTEGER NOT NULL, start_ns INTEGER NOT NULL, end_ns INTEGER, "
     "is_event INTEGER NOT NULL, ending TEXT NOT NULL)"},
    {"evidence",
     "CREATE TABLE evidence (fault TEXT NOT NULL, grade TEXT NOT NULL, moment TEXT NOT NULL, "
     "node TEXT NOT NULL, what TEXT NOT NULL, expected TEXT NOT NULL, observed TEXT NOT NULL, "
     "holds INTEGER NOT NULL, at_ns INTEGER NOT NULL)"},
    {"agents",
     "CREATE TABLE agents (node TEXT NOT NULL, version TEXT NOT NULL, "
     "capabilities TEXT NOT NULL)"},
    {"metrics",
     "CREATE TABLE metrics (at_ns INTEGER NOT NULL, node TEXT NOT NULL, name TEXT NOT NULL, "
     "value REAL NOT NULL)"},
    {"logs",
     "CREATE TABLE logs (at_ns INTEGER NOT NULL, node TEXT NOT NULL, process TEXT NOT NULL, "
     "text TEXT NOT NULL)"},
    {"verdicts",
     "CREATE TABLE verdicts (check_name TEXT NOT NULL, client TEXT NOT NULL, "
     "answer TEXT NOT NULL, kind TEXT NOT NULL, examined INTEGER NOT NULL, "
     "summary TEXT NOT NULL, detail TEXT NOT NULL)"},
}};

constexpr std::array<SchemaObject, 3> kViews = {{
    // Quoted by hand: json_quote() is not allowed in the schema of a file that is not trusted.
    {"values_json",
     "CREATE VIEW values_json AS SELECT value, CASE kind WHEN 0 THEN 'null' "
     "WHEN 1 THEN iif(data, 'true', 'false') WHEN 3 THEN '\"' || replace(replace(replace(replace("
     "replace(data, '\\', '\\\\'), '\"', '\\\"'), char(10), '\\n'), char(13), '\\r'), char(9), "
     "'\\t') || '\"' ELSE CAST(data AS TEXT) END AS json FROM history_values"},
    {"ops",
     "CREATE VIEW ops AS SELECT o.operation, p.id AS process, p.client, p.node, f.name AS f, "
     "(SELECT iif(kind = 3, data, json) FROM history_values JOIN values_json USING (value) "
     "WHERE value = o.key) AS key, "
     "(SELECT json FROM values_json WHERE value = o.value) AS value, "
     "CASE o.outcome WHEN 0 THEN 'ok' WHEN 1 THEN 'fail' ELSE 'info' END AS outcome, "
     "(SELECT data FROM history_values WHERE value = o.error) AS error, "
     "(o.sent_ns - o.wait_ns) / 1e6 AS scheduled_ms, o.sent_ns / 1e6 AS sent_ms, "
     "(o.sent_ns + o.first_byte_in_ns) / 1e6 AS first_byte_ms, "
     "(o.sent_ns + o.took_ns) / 1e6 AS completed_ms, o.took_ns / 1e6 AS took_ms "
     "FROM operations AS o JOIN processes AS p USING (process) "
     "JOIN functions AS f USING (function)"},
    {"fault_times",
     "CREATE VIEW fault_times AS SELECT id, kind, targets, start_ns / 1e6 AS start_ms, "
     "end_ns / 1e6 AS end_ms, (start_ns - requested_start_ns) / 1e6 AS late_ms, ending "
     "FROM faults"},
}};

constexpr std::array<SchemaObject, 2> kEmbeddingTables = {{
    {"embedded",
     "CREATE TABLE embedded (name TEXT PRIMARY KEY, hash TEXT NOT NULL, size INTEGER NOT NULL)"},
    {"embedded_parts",
     "CREATE TABLE embedded_parts (name TEXT NOT NULL, part INTEGER NOT NULL, data BLOB NOT NULL, "
     "PRIMARY KEY (name, part))"},
}};

}  // namespace

std::span<const SchemaObject> run_file_tables() {
  return kTables;
}
std::span<const SchemaObject> run_file_views() {
  return kViews;
}

std::span<const SchemaObject> embedding_tables() {
  return kEmbeddingTables;
}

}  // namespace squall
