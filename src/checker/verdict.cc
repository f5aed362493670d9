// Concluding, merging and writing down verdicts.
#include "checker/verdict.h"

#include <nlohmann/json.hpp>

namespace squall {

std::string_view to_text(Answer answer) {
  switch (answer) {
    case Answer::kValid:
      return "valid";
    case Answer::kUnknown:
      return "unknown";
    case Answer::kViolated:
      return "violated";
  }
  return "unknown";
}

Verdict conclude(std::uint64_t examined, std::vector<Witness> witnesses,
                 const std::string& all_well, const std::string& nothing_seen) {
  Verdict verdict;
  verdict.examined = examined;
  if (examined == 0) {
    verdict.summary = nothing_seen;
    return verdict;
  }
  verdict.answer = witnesses.empty() ? Answer::kValid : Answer::kViolated;
  verdict.summary = witnesses.empty() ? all_well : witnesses.front().why;
  if (witnesses.size() > 1) {
    verdict.summary += " (and " + std::to_string(witnesses.size() - 1) + " more)";
  }
  verdict.witnesses = std::move(witnesses);
  return verdict;
}

std::string to_json(const Verdict& verdict) {
  nlohmann::ordered_json json;
  json["witnesses"] = nlohmann::ordered_json::array();
  for (const Witness& witness : verdict.witnesses) {
    json["witnesses"].push_back({{"operations", witness.operations}, {"why", witness.why}});
  }
  json["facts"] = nlohmann::ordered_json::object();
  for (const auto& [name, value] : verdict.facts) json["facts"][name] = value;
  if (!verdict.invalid.empty()) json["invalid"] = verdict.invalid;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace squall
