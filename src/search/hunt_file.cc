// hunt.json.
#include "search/hunt_file.h"

#include <nlohmann/json.hpp>

namespace squall {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

Json case_json(const CaseResult& result) {
  Json json = {{"seed", result.wanted.seed}};
  if (result.wanted.perturb) json["perturb"] = *result.wanted.perturb;
  json["outcome"] = to_text(result.outcome);
  json["exit_code"] = result.exit_code;
  json["attempts"] = result.attempts;
  json["seconds"] = result.seconds;
  if (!result.history.empty()) json["history"] = result.history;
  if (!result.file.empty()) json["file"] = result.file;
  if (!result.reason.empty()) json["reason"] = result.reason;
  for (const Violation& violation : result.violations) {
    json["violations"].push_back(
        {{"check", violation.check}, {"shape", violation.shape}, {"summary", violation.summary}});
  }
  return json;
}

Json groups_json(const std::vector<CaseResult>& results) {
  Json json = Json::array();
  for (const ViolationGroup& group : grouped(results)) {
    Json files = Json::array();
    for (const CaseResult* run : group.runs) files.push_back(run->file);
    json.push_back({{"check", group.check},
                    {"shape", group.shape},
                    {"count", group.runs.size()},
                    {"example", group.summary},
                    {"files", std::move(files)}});
  }
  return json;
}

HuntCounts counts_of(const std::vector<CaseResult>& results) {
  return HuntMachine({}, {}, results).counts();
}

CaseResult parse_case(const Json& json) {
  CaseResult result;
  result.wanted.seed = json.at("seed").get<std::uint64_t>();
  if (json.contains("perturb")) result.wanted.perturb = json["perturb"].get<std::uint64_t>();
  result.outcome =
      parse_run_outcome(json.at("outcome").get<std::string>()).value_or(RunOutcome::kInvalid);
  result.exit_code = json.value("exit_code", 0);
  result.attempts = json.value("attempts", 1);
  result.seconds = json.value("seconds", 0.0);
  result.history = json.value("history", "");
  result.file = json.value("file", "");
  result.reason = json.value("reason", "");
  for (const Json& violation : json.value("violations", Json::array())) {
    result.violations.push_back({violation.at("check").get<std::string>(),
                                 violation.at("shape").get<std::string>(),
                                 violation.value("summary", "")});
  }
  return result;
}

HuntFile parse(const Json& json) {
  HuntFile file;
  file.name = json.at("name").get<std::string>();
  const Json& identity = json.at("identity");
  file.identity.scenario = identity.at("scenario").get<std::string>();
  file.identity.arena = identity.at("arena").get<std::string>();
  file.identity.pairing = identity.at("perturb").get<std::string>();
  for (const auto& [name, digest] : identity.at("programs").items()) {
    file.identity.programs[name] = digest.get<std::string>();
  }
  file.shard = json.value("shard", "0/1");
  file.seconds = json.value("seconds", 0.0);
  for (const Json& result : json.at("runs")) file.results.push_back(parse_case(result));
  return file;
}

}  // namespace

std::string to_json(const HuntFile& file) {
  const HuntCounts counts = counts_of(file.results);
  Json programs = Json::object();
  for (const auto& [name, digest] : file.identity.programs) programs[name] = digest;
  Json runs = Json::array();
  for (const CaseResult& result : file.results) runs.push_back(case_json(result));
  const double per_minute =
      file.seconds > 0 ? static_cast<double>(counts.done()) * 60 / file.seconds : 0;
  const Json json = {{"squall_hunt", kVersion},
                     {"name", file.name},
                     {"identity",
                      {{"scenario", file.identity.scenario},
                       {"arena", file.identity.arena},
                       {"perturb", file.identity.pairing},
                       {"programs", std::move(programs)}}},
                     {"shard", file.shard},
                     {"seconds", file.seconds},
                     {"runs_per_minute", per_minute},
                     {"counts",
                      {{"done", counts.done()},
                       {"found", counts.found},
                       {"clean", counts.clean},
                       {"invalid", counts.invalid},
                       {"inconclusive", counts.inconclusive},
                       {"aborted", counts.aborted}}},
                     {"groups", groups_json(file.results)},
                     {"runs", std::move(runs)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<HuntFile> parse_hunt_file(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("squall_hunt", 0) != kVersion) {
    return Error{Errc::kInvalid, "it is not the state of a hunt that this program knows"};
  }
  // The library's accessors throw where a field is missing or of another type.
  try {
    return parse(json);
  } catch (const Json::exception& error) {
    return Error{Errc::kInvalid, std::string("it is damaged: ") + error.what()};
  }
}

std::string what_changed(const HuntIdentity& before, const HuntIdentity& now) {
  if (before.scenario != now.scenario) return "the scenario or its topology has changed";
  if (before.arena != now.arena) {
    return "it was begun in the arena '" + before.arena + "', not '" + now.arena + "'";
  }
  if (before.pairing != now.pairing) {
    return "it was begun with --perturb " + before.pairing + ", not " + now.pairing;
  }
  for (const auto& [name, digest] : now.programs) {
    const auto found = before.programs.find(name);
    if (found == before.programs.end()) return "the program '" + name + "' was not there then";
    if (found->second != digest) return "the program '" + name + "' has changed";
  }
  if (before.programs.size() != now.programs.size()) return "a program is gone";
  return "";
}

}  // namespace squall
