// The process table as JSON.
#include "agent/process_table.h"

#include <nlohmann/json.hpp>

namespace squall {
namespace {

using Json = nlohmann::json;

Json spec_to_json(const StackProcess& spec) {
  return {{"name", spec.name.get()},
          {"command", spec.command},
          {"env", spec.env},
          {"directory", spec.directory},
          {"log", spec.log_path},
          {"restart_on_failure", spec.is_restarted_on_failure},
          {"ready_http", spec.ready.http},
          {"ready_tcp", spec.ready.tcp},
          {"ready_log", spec.ready.log},
          {"root", spec.root},
          {"keep_capabilities", spec.keeps_capabilities}};
}

// We wrote the file ourselves, durably and whole: a value of the wrong type means that somebody
// edited it, and its default does no harm.
template <typename Value>
Value get(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) return Value{};
  Value value{};
  try {
    value = found->get<Value>();
  } catch (const Json::type_error&) {
    value = Value{};
  }
  return value;
}

ProcessRecord record_from(const Json& json) {
  ProcessRecord record;
  record.spec.name = ProcessName(get<std::string>(json, "name"));
  record.spec.command = get<std::vector<std::string>>(json, "command");
  record.spec.env = get<std::map<std::string, std::string>>(json, "env");
  record.spec.directory = get<std::string>(json, "directory");
  record.spec.log_path = get<std::string>(json, "log");
  record.spec.is_restarted_on_failure = get<bool>(json, "restart_on_failure");
  record.spec.ready.http = get<std::string>(json, "ready_http");
  record.spec.ready.tcp = get<std::string>(json, "ready_tcp");
  record.spec.ready.log = get<std::string>(json, "ready_log");
  record.spec.root = get<std::string>(json, "root");
  record.spec.keeps_capabilities = get<bool>(json, "keep_capabilities");
  record.id.pid = get<pid_t>(json, "pid");
  record.id.start_time = get<std::uint64_t>(json, "start_time");
  record.mark = get<std::string>(json, "mark");
  record.restarts = get<std::uint32_t>(json, "restarts");
  record.log_from = get<std::uint64_t>(json, "log_from");
  record.state = get<std::string>(json, "state");
  return record;
}

}  // namespace

std::string to_json(const ProcessTable& table) {
  Json processes = Json::array();
  for (const auto& [name, record] : table.processes) {
    Json one = spec_to_json(record.spec);
    one["pid"] = record.id.pid;
    one["start_time"] = record.id.start_time;
    one["mark"] = record.mark;
    one["restarts"] = record.restarts;
    one["log_from"] = record.log_from;
    one["state"] = record.state;
    processes.push_back(std::move(one));
  }
  return Json{{"boot", table.boot}, {"processes", processes}}.dump(1) + "\n";
}

Result<ProcessTable> parse_process_table(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Error{Errc::kInvalid, "the process table is not a JSON object"};
  ProcessTable table;
  table.boot = get<std::string>(json, "boot");
  for (const Json& one : json.value("processes", Json::array())) {
    ProcessRecord record = record_from(one);
    if (!record.spec.name.get().empty()) table.processes[record.spec.name] = std::move(record);
  }
  return table;
}

}  // namespace squall
