// The page's data, put together.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "history/history_hash.h"
#include "report/html.h"
#include "report/page_parts.h"

namespace squall {
namespace {

PageJson texts_json(const std::vector<std::string>& texts) {
  PageJson json = PageJson::array();
  for (const std::string& text : texts) {
    if (json.size() == kMaxReasonsShown) break;
    json.push_back(clip(text, kMaxSentence));
  }
  return json;
}

PageJson verdict_json(const ReportInput& input) {
  const Recording& recording = input.recording;
  const Judgement& judgement = input.judgement;
  PageJson json;
  json["headline"] = headline(judgement.code);
  json["tone"] = tone(judgement.code);
  json["code"] = static_cast<int>(judgement.code);
  json["meaning"] = exit_meaning(judgement.code);
  json["sentence"] = clip(judgement.sentence, kMaxSentence);
  json["invalid"] = texts_json(judgement.invalid);
  json["doubts"] = texts_json(judgement.doubts);
  json["scenario"] = clip(meta_of(recording, "scenario"), kMaxSentence);
  json["why"] = clip(input.scenario.why, kMaxSentence);
  for (const char* key : {"seed", "arena", "topology", "started", "ending"}) {
    json[key] = clip(meta_of(recording, key), kMaxShortText);
  }
  json["is_control"] = meta_of(recording, "control") == "true";
  json["operations"] = recording.history.size();
  json["command"] = clip(reproduce_command(recording), kMaxSentence);
  return json;
}

PageJson environment_json(const Recording& recording) {
  PageJson rows = PageJson::array();
  const PageJson facts = PageJson::parse(meta_of(recording, "environment"), nullptr, false);
  if (!facts.is_object()) return rows;
  for (const auto& [key, value] : facts.items()) {
    if (rows.size() == kMaxChecksShown) break;
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    rows.push_back({clip(key, kMaxShortText), clip(text, 2 * kMaxShortText)});
  }
  return rows;
}

PageJson control_json(const Recording& recording, const Recording& control, Duration width) {
  const Duration end =
      std::min(Duration(end_of(control)), width * static_cast<std::int64_t>(kMaxWindows));
  PageJson json = series_json(aggregate(control.history, width, end));
  json["end"] = end_of(control);
  json["shift"] = control_shift(recording, control);
  json["operations"] = control.history.size();
  json["digest"] = history_hash(control);
  return json;
}

// "<" would let a log line end the <script> that the data stands in; JSON reads the escape back.
std::string without_markup(const std::string& json) {
  std::string text;
  text.reserve(json.size() + json.size() / 64);
  for (const char letter : json) {
    if (letter == '<') {
      text += "\\u003c";
    } else {
      text += letter;
    }
  }
  return text;
}

}  // namespace

std::string page_data(const ReportInput& input) {
  const Recording& recording = input.recording;
  const std::int64_t end = end_of(recording);
  const Duration width = window_width(Duration(end), recording.history.size());
  PageJson json;
  json["verdict"] = verdict_json(input);
  json["checks"] = checks_json(input);
  json["end"] = end;
  json["series"] = series_json(aggregate(recording.history, width, Duration(end)));
  json["control"] = nullptr;
  if (input.control != nullptr) json["control"] = control_json(recording, *input.control, width);
  json["phases"] = phases_json(input);
  json["faults"] = faults_json(input);
  json["faults_in_all"] = recording.faults.size();
  json["lanes"] = lanes_json(recording);
  json["logs"] = logs_json(recording);
  json["environment"] = environment_json(recording);
  json["digest"] = history_hash(recording);
  json["resolved"] = clip(meta_of(recording, "resolved"), kMaxScenarioText);
  return without_markup(json.dump(-1, ' ', false, PageJson::error_handler_t::replace));
}

}  // namespace squall
