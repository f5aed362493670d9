// shrink.json.
#include "search/shrink_file.h"

#include <nlohmann/json.hpp>

namespace squall {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

ShrinkFile parse(const Json& json) {
  ShrinkFile file;
  file.identity = json.at("identity").get<std::string>();
  file.check = json.at("check").get<std::string>();
  file.runs = json.at("runs").get<int>();
  file.seconds = json.at("seconds").get<double>();
  file.is_confirmed = json.at("is_confirmed").get<bool>();
  for (const auto& [digest, outcome] : json.at("candidates").items()) {
    file.known[digest] = outcome.get<bool>();
  }
  return file;
}

}  // namespace

std::string to_json(const ShrinkFile& file) {
  Json candidates = Json::object();
  for (const auto& [digest, outcome] : file.known) candidates[digest] = outcome;
  const Json json = {{"squall_shrink", kVersion},
                     {"identity", file.identity},
                     {"check", file.check},
                     {"runs", file.runs},
                     {"seconds", file.seconds},
                     {"is_confirmed", file.is_confirmed},
                     {"candidates", std::move(candidates)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<ShrinkFile> parse_shrink_file(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("squall_shrink", 0) != kVersion) {
    return Error{Errc::kInvalid, "it is not the state of a shrink that this program knows"};
  }
  // The library's accessors throw where a field is missing or of another type.
  try {
    return parse(json);
  } catch (const Json::exception& error) {
    return Error{Errc::kInvalid, std::string("it is damaged: ") + error.what()};
  }
}

}  // namespace squall
