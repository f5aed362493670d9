// Checks and their witnesses.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/page_parts.h"

namespace squall {
namespace {

std::string json_text(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string value_text(const Values& values, ValueId id) {
  if (id == kAbsent) return "";
  return values.kind(id) == ValueKind::kText ? std::string(values.as_text(id)) : values.to_json(id);
}

// Where both ends are known the page draws a bar, otherwise an arrow that leaves the picture.
PageJson operation_json(const History& history, OpIndex index) {
  const Operation op = history.at(index);
  const Process& process = history.processes().at(op.process);
  PageJson json;
  json["index"] = index;
  json["process"] = process.id;
  json["client"] = clip(process.client, kMaxShortText);
  json["node"] = clip(process.node, kMaxShortText);
  std::string label = history.functions().name(op.function);
  for (const ValueId id : {op.key, op.value}) {
    const std::string text = value_text(history.values(), id);
    if (!text.empty()) label += " " + text;
  }
  json["label"] = clip(label, kMaxShortText);
  json["outcome"] = to_text(op.outcome);
  json["sent"] = op.sent;
  if (op.completed == kNever) {
    json["completed"] = nullptr;
  } else {
    json["completed"] = op.completed;
  }
  json["text"] = clip(history.describe(index), kMaxSentence);
  json["error"] = clip(std::string(history.error(index)), kMaxLogText);
  return json;
}

PageJson witness_json(const History& history, const ShownWitness& witness) {
  PageJson json;
  json["why"] = clip(witness.why, kMaxSentence);
  json["more"] = witness.operations_in_all - witness.operations.size();
  json["operations"] = PageJson::array();
  for (const OpIndex index : witness.operations) {
    json["operations"].push_back(operation_json(history, index));
  }
  return json;
}

PageJson facts_json(const VerdictRow& row) {
  PageJson facts = PageJson::array();
  // Ordered, as the checker wrote them.
  const PageJson detail = PageJson::parse(row.detail, nullptr, false);
  if (!detail.is_object() || !detail.contains("facts") || !detail["facts"].is_object())
    return facts;
  for (const auto& [name, value] : detail["facts"].items()) {
    facts.push_back({clip(name, kMaxShortText), clip(json_text(value), kMaxLogText)});
    if (facts.size() == kMaxChecksShown) break;
  }
  return facts;
}

PageJson check_json(const VerdictRow& row) {
  return {{"name", clip(row.check, kMaxSentence)},      {"answer", clip(row.answer, kMaxShortText)},
          {"kind", clip(row.kind, kMaxShortText)},      {"examined", row.examined},
          {"summary", clip(row.summary, kMaxSentence)}, {"facts", facts_json(row)}};
}

}  // namespace

ShownWitnesses witnesses_of(const VerdictRow& row, std::size_t operations) {
  ShownWitnesses shown;
  const auto detail = nlohmann::json::parse(row.detail, nullptr, false);
  if (!detail.is_object() || !detail.contains("witnesses")) return shown;
  const auto& all = detail["witnesses"];
  if (!all.is_array()) return shown;
  shown.in_all = all.size();
  for (const auto& from : all) {
    if (shown.witnesses.size() == kMaxWitnessesShown) break;
    if (!from.is_object()) continue;
    ShownWitness witness;
    if (from.contains("why")) witness.why = json_text(from["why"]);
    if (from.contains("operations") && from["operations"].is_array()) {
      for (const auto& index : from["operations"]) {
        if (!index.is_number_unsigned() || index.get<std::uint64_t>() >= operations) continue;
        ++witness.operations_in_all;
        if (witness.operations.size() == kMaxWitnessOperations) continue;
        witness.operations.push_back(index.get<OpIndex>());
      }
    }
    shown.witnesses.push_back(std::move(witness));
  }
  return shown;
}

PageJson checks_json(const ReportInput& input) {
  const Recording& recording = input.recording;
  PageRoom room(kRoomForChecks);
  PageRoom room_for_witnesses(kRoomForWitnesses);
  PageJson checks = PageJson::array();
  for (const VerdictRow& row : recording.verdicts) {
    PageJson json = check_json(row);
    if (checks.size() == kMaxChecksShown || !room.take(json)) break;
    const ShownWitnesses shown = witnesses_of(row, recording.history.size());
    json["witnesses_in_all"] = shown.in_all;
    json["witnesses"] = PageJson::array();
    for (const ShownWitness& from : shown.witnesses) {
      PageJson witness = witness_json(recording.history, from);
      if (!room_for_witnesses.take(witness)) break;
      json["witnesses"].push_back(std::move(witness));
    }
    checks.push_back(std::move(json));
  }
  return checks;
}

}  // namespace squall
