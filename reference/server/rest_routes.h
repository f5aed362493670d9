// The six routes of the Open Inference Protocol over HTTP.
//
//   GET  /v2                                      server metadata
//   GET  /v2/health/live                          200, empty
//   GET  /v2/health/ready                         200 or 503, empty
//   GET  /v2/models/M[/versions/V]                model metadata
//   GET  /v2/models/M[/versions/V]/ready          200 or 503, empty; 404 for one that is not known
//   POST /v2/models/M[/versions/V]/infer          inference
//
// Not ready is 503, not Triton's 400, because balancers take 4xx for the caller's fault.  Errors
// are {"error": …}; their statuses are Triton's, and 504 for a deadline that has passed.
#pragma once

#include "base/rng.h"
#include "reference/base/http_message.h"
#include "reference/base/http_server.h"
#include "reference/server/inference_service.h"
#include "reference/server/rest_codec.h"

namespace squall::reference::server {

[[nodiscard]] int http_status(FailureKind kind);

// Loop thread only; outlives the HTTP server that it handles for.
class RestRoutes {
 public:
  RestRoutes(InferenceService& service, Rng rng) : service_(service), rng_(rng) {}
  void handle(const HttpRequest& request, const HttpReply& reply);

 private:
  struct Target;
  void handle_model(const HttpRequest& request, const Target& target, const HttpReply& reply);
  void infer(const HttpRequest& request, const Target& target, const HttpReply& reply);

  InferenceService& service_;
  Rng rng_;
  RestReader reader_{};
};

}  // namespace squall::reference::server
