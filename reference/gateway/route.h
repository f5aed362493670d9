// What a request to the gateway asks for.  Pure.
#pragma once

#include <string>
#include <string_view>

namespace squall::reference {

enum class RouteKind {
  kServerMetadata,  // GET /v2
  kServerLive,      // GET /v2/health/live
  kServerReady,     // GET /v2/health/ready
  kModelMetadata,   // GET /v2/models/M[/versions/V]
  kModelReady,      // GET /v2/models/M[/versions/V]/ready
  kInfer,           // POST /v2/models/M[/versions/V]/infer
  kLedger,          // GET /ledger
  kWrongMethod,     // a path of ours
  kUnknown,
};

struct Route {
  RouteKind kind = RouteKind::kUnknown;
  std::string model{};
  std::string version{};     // "": not named
  std::string_view allow{};  // kWrongMethod: the right one

  friend bool operator==(const Route&, const Route&) = default;
};

// `target` with its query, as on the wire.
[[nodiscard]] Route route_of(std::string_view method, std::string_view target);

}  // namespace squall::reference
