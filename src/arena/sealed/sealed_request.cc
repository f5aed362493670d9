// By nlohmann::json; a missing key is our bug and an error that names it.
#include "arena/sealed/sealed_request.h"

#include <nlohmann/json.hpp>

namespace squall {
namespace {

using Json = nlohmann::json;

// The one place that meets the library's exceptions.
template <typename Read>
auto parse(std::string_view text, Read read) -> Result<decltype(read(Json()))> {
  try {
    return read(Json::parse(text));
  } catch (const Json::exception& error) {
    return Error{Errc::kInvalid, std::string("the request to the machine: ") + error.what()};
  }
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const StackRequest& request) {
  return dump({{"topology", request.topology},
               {"folder", request.folder},
               {"baseline", request.has_baseline}});
}

std::string to_json(const GoRequest& request) {
  return dump({{"scenario", request.scenario},
               {"source", request.source},
               {"facts", request.facts},
               {"perturb", request.perturb}});
}

Result<StackRequest> parse_stack_request(std::string_view text) {
  return parse(text, [](const Json& json) {
    return StackRequest{.topology = json.at("topology"),
                        .folder = json.at("folder"),
                        .has_baseline = json.at("baseline")};
  });
}

Result<GoRequest> parse_go_request(std::string_view text) {
  return parse(text, [](const Json& json) {
    return GoRequest{.scenario = json.at("scenario"),
                     .source = json.at("source"),
                     .facts = json.at("facts"),
                     .perturb = json.at("perturb")};
  });
}

}  // namespace squall
