// The gateway's switches and limits, with their defaults.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "reference/base/endpoint.h"
#include "reference/gateway/activation_core.h"
#include "reference/gateway/balance_core.h"
#include "reference/gateway/outlier_core.h"
#include "reference/gateway/retry_core.h"
#include "reference/registry/etcd_messages.h"

namespace squall::reference {

struct GatewayOptions {
  std::string name = "gateway";
  std::string region{};
  std::string listen = "127.0.0.1";  // an IP address
  std::uint16_t http_port = 8080;    // 0: a free one
  std::uint16_t metrics_port = 8082;
  std::vector<Endpoint> registry{};
  std::string log_level = "info";

  // Mechanisms with a switch.
  OutlierRules outliers{};
  RetryRules retries{};
  Activation activation = Activation::kRevision;
  etcd::ReadMode registry_reads = etcd::ReadMode::kLinearizable;
  Balance balance = Balance::kRoundRobin;
  bool passes_deadline = true;

  Duration timeout = std::chrono::milliseconds(500);  // of one attempt
  Duration deadline{0};                               // of a request that brings none; 0: none
  double retry_ratio = 0.1;
  double retries_per_second = 1;     // beside the ratio
  std::size_t in_flight_max = 1024;  // requests; more are answered with 503; 0: no limit
  Duration probe_interval = std::chrono::milliseconds(200);
  Duration probe_timeout = std::chrono::milliseconds(300);
  Duration drain_wait = std::chrono::milliseconds(200);  // ready says no, and we still serve
  Duration drain_limit = std::chrono::seconds(5);        // then what is under way is cut off
};

// Reads the command line.  A wrong one is told on standard error, --help on standard output; then
// the process has to exit with `exit_code`.
struct ParsedOptions {
  GatewayOptions options{};
  bool must_exit = false;
  int exit_code = 0;
};
[[nodiscard]] ParsedOptions parse_options(int count, char** arguments);

}  // namespace squall::reference
