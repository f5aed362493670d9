// The Open Inference Protocol's routes.
#include "reference/gateway/route.h"

#include <optional>
#include <vector>

#include "reference/base/http_message.h"

namespace squall::reference {
namespace {

using Segments = std::vector<std::string>;

// Behind "/v2/models".
Route model_route(Segments rest) {
  Route route{};
  if (rest.empty()) return route;
  route.model = rest[0];
  rest.erase(rest.begin());
  if (rest.size() >= 2 && rest[0] == "versions") {
    route.version = rest[1];
    rest.erase(rest.begin(), rest.begin() + 2);
  }
  if (rest.empty()) route.kind = RouteKind::kModelMetadata;
  if (rest.size() == 1 && rest[0] == "ready") route.kind = RouteKind::kModelReady;
  if (rest.size() == 1 && rest[0] == "infer") route.kind = RouteKind::kInfer;
  return route.kind == RouteKind::kUnknown ? Route{} : route;
}

Route route_of_path(const Segments& path) {
  if (path == Segments{"ledger"}) return {.kind = RouteKind::kLedger};
  if (path.empty() || path[0] != "v2") return {};
  if (path.size() == 1) return {.kind = RouteKind::kServerMetadata};
  if (path == Segments{"v2", "health", "live"}) return {.kind = RouteKind::kServerLive};
  if (path == Segments{"v2", "health", "ready"}) return {.kind = RouteKind::kServerReady};
  if (path[1] == "models") return model_route(Segments(path.begin() + 2, path.end()));
  return {};
}

}  // namespace

Route route_of(std::string_view method, std::string_view target) {
  const std::optional<Segments> path = segments_of(path_of(target));
  if (!path) return {};
  Route route = route_of_path(*path);
  if (route.kind == RouteKind::kUnknown) return route;
  const std::string_view wanted = route.kind == RouteKind::kInfer ? "POST" : "GET";
  if (method != wanted) return {.kind = RouteKind::kWrongMethod, .allow = wanted};
  return route;
}

}  // namespace squall::reference
