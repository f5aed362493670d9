// Parsing the tests' recordings.
#include "tests/orchestrator/run_text.h"

#include <sstream>

#include "base/check.h"

namespace squall::test {
namespace {

std::int64_t ns(const std::string& word) {
  return word == "never" ? kNever : parse_duration(word).value().count();
}

std::string rest_of(std::istringstream& words) {
  std::string rest;
  std::getline(words >> std::ws, rest);
  while (!rest.empty() && rest.back() == ' ') rest.pop_back();
  return rest;
}

// One row a grade; those that `grades` does not name do not hold.
void add_evidence(Recording& recording, const std::string& fault, const std::string& grades) {
  for (const std::string grade : {"installed", "exercised", "consequential"}) {
    const char letter = grade == "exercised" ? 'x' : grade.front();
    EvidenceRow row{fault, grade, "during", "e1", "probe", "lost", "arrived"};
    row.holds = grades.find(letter) != std::string::npos;
    if (row.holds) row.observed = row.expected;
    recording.evidence.push_back(row);
  }
}

void add_fault(Recording& recording, std::istringstream& words, bool is_event) {
  FaultInterval fault;
  std::string from, to, grades;
  words >> fault.id >> from;
  if (!is_event) words >> to;
  words >> grades;
  fault.kind = is_event ? "process.kill" : "network.partition";
  fault.targets = "e1 | e2";
  fault.is_event = is_event;
  fault.start = fault.requested_start = ns(from);
  fault.end = fault.requested_end = is_event ? fault.start : ns(to);
  fault.ending = "healed";
  const std::string rest = rest_of(words);
  if (rest.starts_with("late ")) {
    fault.start += ns(rest.substr(5));
    fault.end += ns(rest.substr(5));
  } else if (!rest.empty()) {
    fault.ending = rest;
  }
  add_evidence(recording, fault.id, grades);
  recording.faults.push_back(fault);
}

void add_verdict(Recording& recording, std::istringstream& words) {
  VerdictRow row;
  words >> row.kind >> row.answer;
  row.check = row.kind + "-check";
  row.examined = row.answer == "unknown" ? 0 : 100;
  row.summary = rest_of(words);
  recording.verdicts.push_back(row);
}

ProcessIndex process_of(History& history, const std::string& client) {
  for (std::size_t i = 0; i < history.processes().size(); ++i) {
    if (history.processes()[i].client == client) return static_cast<ProcessIndex>(i);
  }
  return history.add_process({client, static_cast<std::int64_t>(history.processes().size())});
}

void add_operation(Recording& recording, std::istringstream& words) {
  std::string client, how, sent, completed;
  words >> client >> how >> sent >> completed;
  History& history = recording.history;
  Operation op;
  op.sent = op.scheduled = ns(sent);
  op.completed = ns(completed);
  op.process = process_of(history, client);
  op.function = history.functions().intern("read");
  op.outcome = how == "ok" ? Outcome::kOk : how == "fail" ? Outcome::kFail : Outcome::kInfo;
  history.append(op, rest_of(words));
}

void add_meta(Recording& recording, std::istringstream& words) {
  std::string key;
  words >> key;
  const std::string value = rest_of(words);
  if (value == "-") {
    recording.meta.erase(key);
  } else {
    recording.meta[key] = value;
  }
}

void add_line(Recording& recording, const std::string& line) {
  std::istringstream words(line);
  std::string what, at;
  if (!(words >> what)) return;
  if (what == "fault" || what == "event") return add_fault(recording, words, what == "event");
  if (what == "verdict") return add_verdict(recording, words);
  if (what == "meta") return add_meta(recording, words);
  if (what == "op") return add_operation(recording, words);
  words >> at;
  if (what == "leader") {
    recording.metrics.push_back({ns(at), "", "leader(registry)", std::stod(rest_of(words))});
    return;
  }
  CHECK(what == "log");
  LogLine log{ns(at), "e1"};
  words >> log.process;
  log.text = rest_of(words);
  recording.logs.push_back(log);
}

}  // namespace

Recording recorded(const std::string& text) {
  Recording recording;
  recording.meta["ending"] = "complete";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line, '|');) add_line(recording, line);
  recording.history.sort_by_sent();
  return recording;
}

}  // namespace squall::test
