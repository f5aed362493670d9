// Each rule appends its reasons; one function asks them all.
#include "orchestrator/sealed_refusals.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <sstream>

#include "arena/sealed/image.h"

namespace squall {
namespace {

namespace fs = std::filesystem;
using Reasons = std::vector<std::string>;

// Their own libraries are no shared libraries, and lie where only they know.
constexpr std::array kInterpreters = {"python", "perl",   "ruby", "node",
                                      "java",   "nodejs", "php",  "lua"};

struct Command {
  std::string whose;  // "process etcd"
  std::vector<std::string> words;
};

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::vector<Command> commands_of(const Scenario& scenario) {
  std::vector<Command> all;
  for (const ProcessSpec& process : scenario.topology.processes) {
    Command command{"process " + process.name.get(), process.command};
    for (const auto& [name, value] : process.env) command.words.push_back(value);
    all.push_back(std::move(command));
  }
  for (const WorkloadEntry& entry : scenario.workload) {
    if (entry.client != "external") continue;
    all.push_back({"client " + entry.name, words_of(entry.params.text("command"))});
  }
  return all;
}

// "python3.11" is one, "node_exporter" is not.
bool is_interpreter(const std::string& name) {
  const std::string stem = name.substr(0, name.find_last_not_of("0123456789.") + 1);
  return std::find(kInterpreters.begin(), kInterpreters.end(), stem) != kInterpreters.end();
}

bool is_included(const std::string& path, const SealedWish& wish) {
  std::error_code error;
  const std::string file = fs::weakly_canonical(path, error).string();
  for (const std::string& one : wish.include) {
    const std::string folder = fs::weakly_canonical(one, error).string();
    if (file == folder || file.starts_with(folder + "/")) return true;
  }
  return false;
}

void refuse_programs(const SealedWish& wish, Reasons& reasons) {
  ImageRequest request;
  request.self = wish.self;
  request.stacks = wish.stacks;
  for (const std::string& name : programs_of(wish.scenario)) {
    const Result<> checked = check_program(name, request);
    if (!checked.ok()) reasons.push_back(checked.error().what);
  }
}

void refuse_roots(const SealedWish& wish, Reasons& reasons) {
  for (const ProcessSpec& process : wish.scenario.topology.processes) {
    if (process.root.empty()) continue;
    reasons.push_back("process " + process.name.get() + " has a root file system of its own ('" +
                      process.root + "'), which is not taken into the machine");
  }
}

void refuse_interpreters(const SealedWish& wish, Reasons& reasons) {
  if (!wish.include.empty()) return;  // whoever includes something knows what is needed
  for (const std::string& program : programs_of(wish.scenario)) {
    const std::string name = fs::path(program).filename().string();
    if (!is_interpreter(name)) continue;
    reasons.push_back("'" + name +
                      "' needs a library of its own, which is not known: --include its folder, and "
                      "the program that it is to run");
  }
}

// The last word of "--config=/etc/x.conf" too.
void refuse_host_files(const SealedWish& wish, Reasons& reasons) {
  for (const Command& command : commands_of(wish.scenario)) {
    for (std::size_t i = 1; i < command.words.size(); ++i) {
      const std::string& word = command.words[i];
      const std::string path = word.substr(word.rfind('=') + 1);  // npos + 1 is 0
      std::error_code error;
      if (path.find('/') == std::string::npos || !fs::is_regular_file(path, error)) continue;
      if (is_included(path, wish)) continue;
      reasons.push_back(command.whose + " names '" + path +
                        "', a file of this machine: --include " + path);
    }
  }
}

}  // namespace

std::vector<std::string> programs_of(const Scenario& scenario) {
  std::set<std::string> programs;
  for (const ProcessSpec& process : scenario.topology.processes) {
    if (!process.command.empty()) programs.insert(process.command.front());
  }
  for (const WorkloadEntry& entry : scenario.workload) {
    if (entry.client != "external") continue;
    const std::vector<std::string> words = words_of(entry.params.text("command"));
    if (!words.empty()) programs.insert(words.front());
  }
  return {programs.begin(), programs.end()};
}

std::vector<std::string> sealed_refusals(const SealedWish& wish) {
  Reasons reasons;
  if (wish.is_kept) {
    reasons.emplace_back(
        "--keep: no shell reaches into the machine, and its network is nobody else's");
  }
  refuse_programs(wish, reasons);
  refuse_roots(wish, reasons);
  refuse_interpreters(wish, reasons);
  refuse_host_files(wish, reasons);
  return reasons;
}

Result<> check_sealed(const SealedWish& wish) {
  std::string all;
  for (const std::string& reason : sealed_refusals(wish)) all += (all.empty() ? "" : "; ") + reason;
  if (all.empty()) return {};
  return Error{Errc::kUnsupported, "the sealed arena cannot run this: " + all};
}

}  // namespace squall
