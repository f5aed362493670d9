// A gateway and replicas in one process, on one loop: real sockets on loopback, fakes behind them
// that count and remember what they were asked.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "reference/base/idempotent_handler.h"
#include "reference/gateway/gateway.h"
#include "tests/reference/base_loop_runner.h"

namespace squall::reference {

// Its wall clock is where the test puts it; the rest is the kernel's.
class ShiftedClock final : public Clock {
 public:
  [[nodiscard]] MonoTime mono() const override { return system_clock().mono(); }
  [[nodiscard]] BootTime boot() const override { return system_clock().boot(); }
  [[nodiscard]] WallTime wall() const override { return system_clock().wall() + shift; }
  Duration shift{0};
};

struct FakeReplica {
  std::string name;
  std::string region = "eu";
  std::vector<std::string> versions = {"1", "2"};
  std::unique_ptr<HttpServer> server{};
  std::unique_ptr<IdempotentHandler> handler{};
  // What a test may change.
  bool is_ready = true;
  bool answers_probes = true;
  bool is_silent = false;  // executes, and never answers
  int then_status = 0;     // silent once, then this; 0: silent for ever
  int status = 200;
  // What it saw.
  std::vector<HttpRequest> requests{};
  int probes_ready = 0;
  int probes_live = 0;
  std::vector<HttpReply> unanswered{};
};

class FakeStack {
 public:
  explicit FakeStack(GatewayOptions options);
  ~FakeStack();
  FakeStack(const FakeStack&) = delete;
  FakeStack& operator=(const FakeStack&) = delete;

  FakeReplica& add_replica(const std::string& name, const std::string& region = "eu");
  // The registry holds all replicas, and this configuration.
  void publish(const ModelConfig& config);
  // As the registry would, of one that went away.
  void remove_replica(const std::string& name);
  // Ends its server: connections are refused from now on.
  static void stop(FakeReplica& replica) { replica.server.reset(); }

  // Runs the loop until it holds; checks after every millisecond.  `holds` must not run it too.
  [[nodiscard]] bool wait_until(const std::function<bool()>& holds);
  [[nodiscard]] HttpResponse get(const std::string& path);
  [[nodiscard]] HttpResponse infer(const std::vector<std::pair<std::string, std::string>>& headers,
                                   const std::string& path = "/v2/models/ranker/infer");
  [[nodiscard]] bool is_ready() { return get("/v2/health/ready").status == 200; }
  // The value of a line of /metrics; -1: there is no such line.
  [[nodiscard]] double metric(const std::string& line);
  // Asks for it until it has this value, kTestLimit at most.
  [[nodiscard]] bool becomes(const std::string& line, double value);

  Gateway& gateway() { return *gateway_; }
  ShiftedClock clock{};
  Loop loop{};
  HttpClient client{loop};

 private:
  void serve(FakeReplica& replica, const HttpRequest& request, const HttpReply& reply);
  void apply();

  GatewayOptions options_;
  Log log_{clock, "g1", "gateway", LogLevel::kError};
  std::map<std::string, std::unique_ptr<FakeReplica>> replicas_{};
  std::map<std::string, std::string> registry_{};
  std::int64_t revision_ = 0;
  std::unique_ptr<Gateway> gateway_{};
};

// Fast enough for tests on a busy machine: probes every 5 ms, ports of the kernel's choice.
[[nodiscard]] GatewayOptions test_options();

}  // namespace squall::reference
