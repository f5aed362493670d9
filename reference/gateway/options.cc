// The command line, by CLI11.
#include "reference/gateway/options.h"

#include <CLI/CLI.hpp>

namespace squall::reference {
namespace {

// A flag whose text one of our parsers reads.
template <typename Value, typename Parse>
void add_parsed(CLI::App& app, const std::string& name, Value& value, const Parse& parse,
                const std::string& help) {
  app.add_option_function<std::string>(
      name,
      [&value, parse](const std::string& text) {
        auto parsed = parse(text);
        if (!parsed.ok()) throw CLI::ValidationError(parsed.error().what);
        value = std::move(parsed).value();
      },
      help);
}

Result<bool> parse_switch(const std::string& text) {
  if (text == "on") return true;
  if (text == "off") return false;
  return Error{Errc::kInvalid, "'" + text + "' is neither 'on' nor 'off'"};
}

void add_switch(CLI::App& app, const std::string& name, bool& value, const std::string& help) {
  add_parsed(app, name, value, parse_switch, help + " (default " + (value ? "on" : "off") + ")");
}

void add_duration(CLI::App& app, const std::string& name, Duration& value,
                  const std::string& help) {
  add_parsed(app, name, value, parse_duration, help + " (default " + squall::to_text(value) + ")");
}

void add_places(CLI::App& app, GatewayOptions& options) {
  app.add_option("--name", options.name, "this gateway's name")->required();
  app.add_option("--region", options.region, "its region; replicas of it come first");
  app.add_option("--listen", options.listen, "IP address to listen on")->capture_default_str();
  app.add_option("--http-port", options.http_port, "Open Inference Protocol")
      ->capture_default_str();
  app.add_option("--metrics-port", options.metrics_port, "GET /metrics")->capture_default_str();
  add_parsed(app, "--registry", options.registry, parse_endpoints,
             "etcd's members: http://IP:PORT,…");
  app.get_option("--registry")->required();
  app.add_option("--log", options.log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();
}

void add_mechanisms(CLI::App& app, GatewayOptions& options) {
  add_parsed(app, "--health", options.outliers.policy, health_from_text,
             "progress: ask replicas for readiness, eject outliers; process: ask whether they live "
             "(default progress)");
  add_switch(app, "--eject-slow", options.outliers.ejects_slow,
             "with --health progress: eject replicas that are slower than their peers");
  add_parsed(app, "--registry-reads", options.registry_reads, etcd::read_mode_from_text,
             "linearizable or serializable (default linearizable)");
  add_parsed(app, "--activation", options.activation, activation_from_text,
             "switch configurations by revision or wallclock (default revision)");
  add_parsed(app, "--balance", options.balance, balance_from_text,
             "round-robin or two-choices (default round-robin)");
  add_switch(app, "--retry-budget", options.retries.has_budget,
             "limit retries, and wait with full jitter before them");
  add_switch(app, "--idempotency", options.retries.has_idempotency,
             "answer a repeated idempotency key from memory, and keep its retries at one replica");
  add_switch(app, "--pass-deadline", options.passes_deadline,
             "tell replicas how much time is left");
}

void add_limits(CLI::App& app, GatewayOptions& options) {
  add_duration(app, "--timeout", options.timeout, "of one attempt");
  app.add_option("--attempts", options.retries.attempts, "the first one and retries")
      ->check(CLI::Range(1, kMaxAttempts))
      ->capture_default_str();
  add_duration(app, "--deadline", options.deadline,
               "of requests that bring none in x-request-deadline-ms; 0s: none");
  app.add_option("--retry-ratio", options.retry_ratio, "retries per request, of the last 10 s")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--retries-per-second", options.retries_per_second, "beside the ratio")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_duration(app, "--backoff-min", options.retries.backoff_min, "limit of the first wait");
  add_duration(app, "--backoff-max", options.retries.backoff_max, "limit of all waits");
  app.add_option("--in-flight", options.in_flight_max, "requests under way; 0: no limit")
      ->capture_default_str();
  add_duration(app, "--probe-interval", options.probe_interval, "between health checks");
  add_duration(app, "--probe-timeout", options.probe_timeout, "of a health check");
  add_duration(app, "--ejection", options.outliers.ejection_min,
               "of an outlier's first ejection; doubles up to 10s");
  add_duration(app, "--drain-wait", options.drain_wait, "between not being ready and stopping");
  add_duration(app, "--drain-limit", options.drain_limit, "for requests under way");
}

}  // namespace

ParsedOptions parse_options(int count, char** arguments) {
  ParsedOptions parsed;
  CLI::App app("Gateway of the reference serving stack: routes inference requests to replicas.",
               "gateway");
  add_places(app, parsed.options);
  add_mechanisms(app, parsed.options);
  add_limits(app, parsed.options);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    parsed.must_exit = true;
    constexpr int kUsage = 2;
    parsed.exit_code = app.exit(error) == 0 ? 0 : kUsage;
  }
  return parsed;
}

}  // namespace squall::reference
