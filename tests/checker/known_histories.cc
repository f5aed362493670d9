// Reading VERDICTS.json and the histories beside it.
#include "tests/checker/known_histories.h"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "history/jsonl.h"

namespace squall::test {
namespace {

using Json = nlohmann::json;

std::string request_for(const Json& entry) {
  std::string request = "linearizable:init=" + entry["init"].dump();
  if (entry["nil_read"] != "value") request += ",nil-read=wildcard";
  if (!entry.contains("fail_cas")) request += ",failed-cas=dropped";
  return request;
}

}  // namespace

std::optional<std::string> histories_folder() {
  const char* const folder = std::getenv("SQUALL_HISTORIES");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  return std::string(folder);
}

std::vector<KnownHistory> known_registers(const std::string& folder, const std::string& subfolder) {
  std::ifstream file(folder + "/VERDICTS.json");
  CHECK(file.good());
  std::vector<KnownHistory> known;
  for (const Json& entry : Json::parse(file)) {
    const std::string path = entry["file"];
    if (!path.starts_with(subfolder + "/") || entry.value("model", "") != "cas-register") continue;
    const Answer expected = entry["expected"] == "true" ? Answer::kValid : Answer::kViolated;
    known.push_back({path, request_for(entry), expected});
  }
  return known;
}

Recording load(const std::string& folder, const std::string& file) {
  Recording recording;
  recording.history = read_jsonl_file(folder + "/" + file).value();
  return recording;
}

}  // namespace squall::test
