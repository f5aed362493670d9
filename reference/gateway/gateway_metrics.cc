// Names after research on what operators expect: gw_*.
#include "reference/gateway/gateway_metrics.h"

#include <vector>

namespace squall::reference {
namespace {

// OpenTelemetry's edges for HTTP, and 15, 20 and 30 ms: a bound of 20 ms at the 95th percentile
// cannot be judged from edges at 10 and 25.
const std::vector<double>& edges() {
  static const std::vector<double> all = {0.001, 0.0025, 0.005, 0.01,  0.015, 0.02,
                                          0.025, 0.03,   0.05,  0.075, 0.1,   0.25,
                                          0.5,   0.75,   1,     2.5,   5,     10};
  return all;
}

}  // namespace

GatewayMetrics::GatewayMetrics()
    : in_flight_(metrics_.gauge("gw_in_flight", "Requests under way.")),
      overloads_(metrics_.counter("gw_overload_total", "Requests refused by the limit in flight.")),
      panics_(metrics_.counter("gw_panic_total", "Choices of a replica while none was available.")),
      denied_(metrics_.counter("gw_retries_denied_total", "Retries that the budget refused.")),
      repeated_(metrics_.counter("gw_answers_repeated_total",
                                 "Answers given again to the same idempotency key.")),
      watching_(metrics_.gauge("gw_registry_watching", "1 while a watch on the registry is open.")),
      revision_(metrics_.gauge("gw_registry_revision", "Revision of the registry last seen.")) {}

void GatewayMetrics::on_request(const Request& request, Duration took) {
  std::string key;
  for (const std::string_view part :
       {request.model, request.version, request.cohort, request.region}) {
    key.append(part).push_back('\0');
  }
  key += std::to_string(request.code);
  Series& series = by_request_[key];
  if (series.requests == nullptr) {
    series.requests = &metrics_.counter("gw_requests_total",
                                        "Requests answered, by what they asked for and code.",
                                        {{"model", std::string(request.model)},
                                         {"version", std::string(request.version)},
                                         {"cohort", std::string(request.cohort)},
                                         {"region", std::string(request.region)},
                                         {"code", std::to_string(request.code)}});
    series.seconds = &metrics_.histogram(
        "gw_request_duration_seconds", "From the whole request to its answer.", edges(),
        {{"model", std::string(request.model)}, {"version", std::string(request.version)}});
  }
  series.requests->add();
  series.seconds->observe(std::chrono::duration<double>(took).count());
}

void GatewayMetrics::on_retry(std::string_view reason) {
  metrics_
      .counter("gw_retries_total", "Attempts beyond the first.", {{"reason", std::string(reason)}})
      .add();
}

void GatewayMetrics::on_retry_denied() {
  denied_.add();
}
void GatewayMetrics::on_overload() {
  overloads_.add();
}
void GatewayMetrics::on_panic() {
  panics_.add();
}
void GatewayMetrics::on_repeated() {
  repeated_.add();
}

void GatewayMetrics::on_ejection(const std::string& replica, const std::string& why) {
  metrics_
      .counter("gw_ejections_total", "Replicas ejected for what their requests met.",
               {{"replica", replica}, {"reason", why}})
      .add();
}

void GatewayMetrics::set_available(const std::string& replica, bool is_available) {
  metrics_.gauge("gw_replica_available", "1 while requests may go there.", {{"replica", replica}})
      .set(is_available ? 1 : 0);
}

void GatewayMetrics::set_epoch(const std::string& model, std::int64_t epoch) {
  metrics_.gauge("gw_config_epoch", "Epoch of the active configuration.", {{"model", model}})
      .set(static_cast<double>(epoch));
}

void GatewayMetrics::set_in_flight(std::size_t count) {
  in_flight_.set(static_cast<double>(count));
}
void GatewayMetrics::set_watching(bool is_watching) {
  watching_.set(is_watching ? 1 : 0);
}
void GatewayMetrics::set_registry_revision(std::int64_t revision) {
  revision_.set(static_cast<double>(revision));
}

}  // namespace squall::reference
