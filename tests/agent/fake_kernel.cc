// The fake node.  Its nftables understands exactly the commands that the network plane writes.
#include "tests/agent/fake_kernel.h"

#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

namespace squall {
namespace {

using Json = nlohmann::json;

Error not_found(const std::string& what) {
  return {Errc::kNotFound, what + ": No such file or directory"};
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string rest_of(const std::vector<std::string>& words, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < words.size(); ++i) text += (i == from ? "" : " ") + words[i];
  return text;
}

// "{ 1 timeout 5000ms, 2 timeout 5000ms }": address and lease; a lease of 0 without a timeout.
std::vector<std::pair<std::string, Duration>> elements_of(const std::string& braces) {
  std::vector<std::pair<std::string, Duration>> elements;
  std::istringstream stream(braces.substr(1, braces.size() - 2));
  for (std::string item; std::getline(stream, item, ',');) {
    const std::vector<std::string> words = words_of(item);
    const bool has_timeout = words.size() == 3;
    elements.emplace_back(words.at(0), has_timeout ? *parse_duration(words.at(2)) : Duration{0});
  }
  return elements;
}

// What our rules consist of, as libnftables would say it.
Json rule_as_json(const std::string& rule) {
  const std::vector<std::string> words = words_of(rule);
  Json parts = Json::array();
  if (words.size() > 2 && words[2].starts_with('@')) {
    parts.push_back({{"match", {{"op", "=="}, {"left", words[1]}, {"right", words[2]}}}});
  }
  if (words[0] == "numgen") {
    const Json left = {{"numgen", {{"mode", "random"}}}};
    parts.push_back(
        {{"match", {{"op", words.at(4)}, {"left", left}, {"right", std::stoul(words.at(5))}}}});
  }
  if (rule.find("jump ") != std::string::npos) {
    parts.push_back({{"jump", {{"target", words.back()}}}});
  }
  if (rule.find("mark set") != std::string::npos) parts.push_back({{"mangle", nullptr}});
  if (words.back() == "drop") parts.push_back({{"drop", nullptr}});
  return parts;
}

}  // namespace

Result<> FakeDelays::remove_residue(const std::string&) {
  TRY(step_());
  has_rules = false;
  return {};
}

Result<> FakeDelays::set(const std::vector<DelayRow>& desired) {
  TRY(step_());
  rows = desired;
  has_rules = true;
  trouble.clear();
  return {};
}

void FakeDelays::extend(const FaultId& fault, BootTime expiry) {
  for (DelayRow& row : rows) {
    if (row.fault == fault) row.expiry = expiry;
  }
}

Result<> FakeDelays::check() {
  if (rows.empty()) return Error{Errc::kIo, "there is no delay line"};
  if (!trouble.empty()) return Error{Errc::kIo, trouble};
  return {};
}

Result<> FakeDelays::release() {
  TRY(step_());
  rows.clear();
  has_rules = false;
  return {};
}

std::map<FaultId, DelaySpec> FakeDelays::carried() {
  std::map<FaultId, DelaySpec> carried;
  for (const DelayRow& row : rows) carried[row.fault] = row.delay;
  return carried;
}

std::string FakeDelays::to_text() const {
  std::string text;
  for (const DelayRow& row : rows) {
    text += row.fault.get() + " " + squall::to_text(row.delay);
    for (const std::string& address : row.ipv4) text += " " + address;
    for (const std::string& address : row.ipv6) text += " " + address;
    text += "\n";
  }
  return text;
}

Result<> FakeKernel::step() {
  if (++calls == fail_at) return Error{Errc::kIo, "the planned failure"};
  return {};
}

Result<> FakeKernel::execute(const std::string& line, std::map<std::string, Table>& state) const {
  const std::vector<std::string> words = words_of(line);
  const std::string verb = words.at(0) + " " + words.at(1);
  const std::string& name = words.at(3);
  if (verb == "add table") return (void)state[name], Result<>();
  const auto table = state.find(name);
  if (table == state.end()) return not_found(line);
  if (verb == "delete table") return state.erase(table), Result<>();
  const std::string& thing = words.at(4);
  Table& in = table->second;
  if (verb == "add set") return (void)in.sets[thing], Result<>();
  if (verb == "add counter") return in.counters.insert(thing), Result<>();
  if (verb == "add chain") return (void)in.chains[thing], Result<>();
  if (verb == "delete counter") return in.counters.erase(thing) == 1 ? Result<>() : not_found(line);
  if (verb == "delete set") return in.sets.erase(thing) == 1 ? Result<>() : not_found(line);
  if (verb == "delete chain") return in.chains.erase(thing) == 1 ? Result<>() : not_found(line);
  const bool is_chain = words.at(1) == "chain" || words.at(1) == "rule";
  if (is_chain && !in.chains.contains(thing)) return not_found(line);
  if (!is_chain && !in.sets.contains(thing)) return not_found(line);
  if (verb == "flush chain") return in.chains[thing].clear(), Result<>();
  if (verb == "flush set") return in.sets[thing].elements.clear(), Result<>();
  if (verb == "add rule") return in.chains[thing].push_back(rest_of(words, 5)), Result<>();
  for (const auto& [element, lease] : elements_of(rest_of(words, 5))) {
    std::map<std::string, BootTime>& elements = in.sets[thing].elements;
    if (verb == "add element") {
      elements[element] = clock_.boot() + lease;
    } else if (!elements.contains(element) || !is_live(elements[element])) {
      return not_found(line);
    } else {
      elements.erase(element);
    }
  }
  return {};
}

Result<> FakeKernel::run_nft(const std::string& commands) {
  TRY(step());
  std::map<std::string, Table> after = tables;
  std::istringstream stream(commands);
  for (std::string line; std::getline(stream, line);) TRY(execute(line, after));
  tables = std::move(after);
  return {};
}

Result<std::string> FakeKernel::read_nft(const std::string& command) {
  TRY(step());
  const auto table = tables.find(words_of(command).at(3));
  if (table == tables.end()) return not_found(command);
  Json items = Json::array();
  for (const auto& [name, set] : table->second.sets) {
    Json elements = Json::array();
    for (const auto& [element, until] : set.elements) {
      if (is_live(until)) elements.push_back({{"elem", {{"val", element}, {"timeout", 5}}}});
    }
    items.push_back({{"set", {{"name", name}, {"elem", elements}}}});
  }
  for (const std::string& name : table->second.counters) {
    items.push_back({{"counter", {{"name", name}, {"packets", 0}}}});
  }
  for (const auto& [chain, rules] : table->second.chains) {
    for (const std::string& rule : rules) {
      items.push_back({{"rule", {{"chain", chain}, {"expr", rule_as_json(rule)}}}});
    }
  }
  return Json{{"nftables", items}}.dump();
}

Result<> FakeKernel::drop_nft() {
  TRY(step());
  tables.clear();
  return {};
}

bool FakeKernel::drops(const std::string& address) const {
  for (const auto& [name, table] : tables) {
    const auto incoming = table.chains.find("incoming");
    if (incoming == table.chains.end()) continue;
    for (const auto& [set_name, set] : table.sets) {
      const auto element = set.elements.find(address);
      if (element == set.elements.end() || !is_live(element->second)) continue;
      for (const std::string& rule : incoming->second) {
        if (rule.ends_with(" saddr @" + set_name + " drop")) return true;
      }
    }
  }
  return false;
}

bool FakeKernel::steers(const std::string& address) const {
  for (const auto& [name, table] : tables) {
    const auto outgoing = table.chains.find("outgoing");
    if (outgoing == table.chains.end()) continue;
    for (const auto& [set_name, set] : table.sets) {
      const auto element = set.elements.find(address);
      if (element == set.elements.end() || !is_live(element->second)) continue;
      for (const std::string& rule : outgoing->second) {
        if (rule.find("@" + set_name + " meta mark set") != std::string::npos) return true;
      }
    }
  }
  return false;
}

std::string FakeKernel::fingerprint() const {
  std::ostringstream text;
  text << delay_line.to_text() << (delay_line.has_rules ? "routing rules\n" : "");
  for (const auto& [name, table] : tables) {
    text << "table " << name << "\n";
    for (const auto& [set, content] : table.sets) {
      text << " set " << set;
      for (const auto& [element, until] : content.elements) text << " " << element;
      text << "\n";
    }
    for (const std::string& counter : table.counters) text << " counter " << counter << "\n";
    for (const auto& [chain, rules] : table.chains) {
      text << " chain " << chain << "\n";
      for (const std::string& rule : rules) text << "  " << rule << "\n";
    }
  }
  for (const auto& [id, process] : processes) {
    text << "process " << id.pid << (process.is_stopped ? " stopped" : " runs");
    if (process.clock.is_patched) text << ", clock off by " << to_text(process.clock.offset);
    text << "\n";
  }
  for (const auto& [path, members] : freezers) text << "freezer " << path << "\n";
  return text.str();
}

Result<std::vector<ProcessId>> FakeKernel::tree(const ProcessId& process) {
  TRY(step());
  if (!processes.contains(process)) return not_found("process");
  std::vector<ProcessId> all = {process};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::vector<ProcessId> children = processes[all[i]].children;
    all.insert(all.end(), children.begin(), children.end());
  }
  return all;
}

Result<bool> FakeKernel::is_stopped(const ProcessId& process) {
  TRY(step());
  if (!processes.contains(process)) return not_found("process");
  return processes[process].is_stopped;
}

Result<> FakeKernel::signal(const ProcessId& process, int signal) {
  TRY(step());
  if (!processes.contains(process)) return not_found("process");
  if (signal == SIGSTOP) processes[process].is_stopped = true;
  if (signal == SIGCONT) processes[process].is_stopped = false;
  if (signal == SIGKILL) processes.erase(process);
  return {};
}

Result<> FakeKernel::skew_clock(const ProcessId& process, Duration offset, BootTime until) {
  TRY(step());
  if (!processes.contains(process)) return not_found("process");
  ClockReading& clock = processes[process].clock;
  clock.is_patched = true;
  clock.offset = offset;
  clock.until = until;
  clock.page = static_cast<std::uint64_t>(process.pid);
  return {};
}

Result<> FakeKernel::restore_clock(const ProcessId& process) {
  TRY(step());
  if (!processes.contains(process)) return not_found("process");
  ClockReading& clock = processes[process].clock;
  clock.is_patched = false;
  clock.offset = {};
  clock.until = {};
  return {};
}

Result<ClockReading> FakeKernel::read_clock(const ProcessId& process) {
  TRY(step());
  if (!processes.contains(process)) return not_found("process");
  return processes[process].clock;
}

Result<std::string> FakeKernel::freezer_path(const std::string& name) {
  return "/cgroup/squall-" + name;
}

Result<> FakeKernel::make_freezer(const std::string& name) {
  TRY(step());
  freezers["/cgroup/squall-" + name] = {};
  return {};
}

Result<> FakeKernel::freeze(const std::string& path, const std::vector<ProcessId>& members) {
  TRY(step());
  freezers[path] = members;
  return {};
}

Result<bool> FakeKernel::is_frozen(const std::string& path) {
  TRY(step());
  return freezers.contains(path) && !freezers[path].empty();
}

Result<> FakeKernel::remove_freezer(const std::string& path) {
  TRY(step());
  freezers.erase(path);
  return {};
}

Result<> FakeKernel::append_journal(const std::string& line) {
  TRY(step());
  journal.push_back(line);
  return {};
}

Result<> FakeKernel::replace_journal(const std::string& content) {
  TRY(step());
  journal = {content};
  return {};
}

std::vector<std::string> FakeStack::names() const {
  std::vector<std::string> names;
  for (const auto& [name, id] : running) names.push_back(name);
  return names;
}

std::optional<ProcessId> FakeStack::find(const ProcessName& process) const {
  const auto found = running.find(process.get());
  if (found == running.end()) return std::nullopt;
  return found->second;
}

void FakeStack::plan_restart(const ProcessName& process, Duration after) {
  planned[process.get()] = after;
}

}  // namespace squall
