// From VERDICTS.json to cases.
#include "tests/checker/corpus.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "history/jsonl.h"
#include "history/read_recording.h"

namespace squall::test {
namespace {

using Json = nlohmann::json;

Answer answer_of(const Json& expected) {
  if (expected == true || expected == "true") return Answer::kValid;
  if (expected == false || expected == "false") return Answer::kViolated;
  return Answer::kUnknown;
}

// A comma in a value is written as "\,".
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == ',' ? std::string("\\,") : std::string(1, c);
  return out;
}

std::string linearizable_request(const Json& entry) {
  const std::string model = entry["model"];
  if (model.starts_with("kv")) return "linearizable:model=key-value";
  if (model == "mutex") return "linearizable:model=mutex";
  // Of several registers: all of them begin with the same value.
  const Json init = entry["init"].is_object() ? *entry["init"].begin() : entry["init"];
  std::string request = "linearizable:model=" + model + ",init=" + escaped(init.dump());
  if (entry["nil_read"] != "value") request += ",nil-read=wildcard";
  if (!entry.contains("fail_cas")) request += ",failed-cas=dropped";
  return request;
}

std::string collection_request(const std::string& check) {
  if (check == "bank (negative balances allowed?)") return "bank:negative=allowed";
  return check;
}

std::vector<Json> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<Json> all;
  for (std::string line; std::getline(file, line);) all.push_back(Json::parse(line));
  return all;
}

// Jepsen's unit tests let a process go on after info; here that is another one.
std::string events_of(const Json& unit) {
  std::string lines;
  std::map<std::int64_t, std::int64_t> lives;
  for (Json event : unit["history"]) {
    const std::int64_t process = event["p"];
    event["p"] = process + 1000 * lives[process];
    if (event["e"] == "info") ++lives[process];
    lines += event.dump() + "\n";
  }
  return lines;
}

// Of a history of nothing, Jepsen's checkers say that it is valid; ours prove nothing from nothing.
bool is_about_nothing(const Json& unit) {
  return unit["history"].empty();
}

void add_collection_units(const std::string& path, std::vector<CorpusCase>& cases) {
  for (const Json& unit : lines_of(path)) {
    CorpusCase one;
    one.name = unit["id"];
    one.lines = events_of(unit);
    one.request = unit["checker"];
    const std::string args = unit["args"];
    if (args.find(":linearizable? true") != std::string::npos) {
      one.request += ":linearizable=true";
    }
    one.expected =
        is_about_nothing(unit) ? Answer::kUnknown : answer_of(unit["expected"]["valid?"]);
    cases.push_back(one);
  }
}

bool add_levels(const Json& entry, const std::string& path, const std::string& prefix,
                std::vector<CorpusCase>& cases) {
  for (const auto& [level, holds] : entry["expected"].items()) {
    cases.push_back({path + " " + level, path, "", prefix + level, answer_of(holds), ""});
  }
  return true;
}

bool add_entry(const Json& entry, const std::string& path, std::vector<CorpusCase>& cases) {
  const std::string check = entry["check"];
  if (check == "rw-txn sessions") return add_levels(entry, path, "", cases);
  if (entry.value("level", "") == "by_model") {
    return add_levels(entry, path, "list-append:model=", cases);
  }
  if (!entry["expected"].is_string()) return false;
  std::string request =
      check == "linearizable" ? linearizable_request(entry) : collection_request(check);
  if (entry.contains("level")) request += ":model=" + entry["level"].get<std::string>();
  cases.push_back({path, path, "", request, answer_of(entry["expected"]), ""});
  return true;
}

bool add_file(const Json& entry, const std::string& folder, std::vector<CorpusCase>& cases) {
  const std::string file = entry["file"];
  if (file == "jepsen-checker/unit-cases.jsonl") {
    add_collection_units(folder + "/" + file, cases);
    return true;
  }
  // Completions without invocations: transactions_known_test.cc knows how to read them.
  if (file == "elle/unit-cases.jsonl") return true;
  return add_entry(entry, folder + "/" + file, cases);
}

// The original files of a neutral one: porcupine-etcd/etcd_000.jsonl is
// raw/porcupine-jepsen/etcd_000.log.
std::vector<std::string> originals(const std::string& folder, const std::string& file) {
  const std::filesystem::path neutral(file);
  const std::string name = neutral.stem();
  const std::string top = neutral.begin()->string();
  std::vector<std::string> candidates;
  if (top == "porcupine-etcd") candidates = {"porcupine-jepsen/" + name + ".log"};
  if (top == "porcupine-kv") candidates = {"porcupine-kv/" + name + ".txt"};
  if (top == "knossos") candidates = {"knossos/" + name + ".edn"};
  if (top == "awdit") {
    const std::string level = neutral.parent_path().filename();
    const std::string drawn = name.substr(0, name.rfind("-gen"));
    candidates = {"awdit/" + level + "/" + name + ".txt",
                  "awdit/" + level + "/generated/" + drawn + ".txt"};
  }
  if (top == "elle-cli") {
    std::string what = name;
    for (const std::string prefix : {"jepsen-", "elle-"}) {
      if (what.starts_with(prefix)) what = what.substr(prefix.size());
    }
    candidates = {"elle-cli/" + what + ".edn", "elle-cli/" + what + ".json"};
  }
  std::vector<std::string> found;
  for (const std::string& candidate : candidates) {
    const std::string path = folder + "/raw/" + candidate;
    if (std::filesystem::exists(path)) found.push_back(path);
  }
  return found;
}

Result<Recording> read_case(const CorpusCase& one) {
  if (!one.path.empty()) {
    ReadOptions options;
    options.keeps_operations = one.request.starts_with("linearizable");
    Result<ReadRecording> read = read_recording(one.path, options);
    if (!read.ok()) return read.error();
    return std::move(read->recording);
  }
  Recording recording;
  recording.history = TRY(read_jsonl(one.lines, one.name));
  return recording;
}

Json entries_of(const std::string& folder) {
  std::ifstream file(folder + "/VERDICTS.json");
  return Json::parse(file);
}

}  // namespace

Corpus neutral_corpus(const std::string& folder) {
  Corpus corpus;
  for (const Json& entry : entries_of(folder)) {
    ++corpus.entries;
    if (!add_file(entry, folder, corpus.cases)) corpus.unclaimed.push_back(entry["file"]);
  }
  return corpus;
}

Corpus raw_corpus(const std::string& folder) {
  Corpus corpus;
  for (const Json& entry : entries_of(folder)) {
    for (const std::string& path : originals(folder, entry["file"])) {
      ++corpus.entries;
      if (!add_entry(entry, path, corpus.cases)) corpus.unclaimed.push_back(path);
    }
  }
  return corpus;
}

std::string difference(const CorpusCase& one) {
  const Result<CheckRequest> request = parse_check(one.request);
  if (!request.ok()) return one.name + ": " + request.error().what;
  const Result<Recording> recording = read_case(one);
  if (!recording.ok()) return one.name + ": " + recording.error().what;
  const Verdict verdict = run_check(*request, *recording, Budget{});
  if (verdict.answer == one.expected) return "";
  return one.name + ", " + one.request + ": " + std::string(to_text(verdict.answer)) +
         " instead of " + std::string(to_text(one.expected)) + ": " + verdict.summary;
}

}  // namespace squall::test
