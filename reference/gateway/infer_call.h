// One inference request on its way through the gateway: attempts, waits, one answer.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "reference/base/http_client.h"
#include "reference/base/trace.h"
#include "reference/gateway/gateway_metrics.h"
#include "reference/gateway/options.h"
#include "reference/gateway/replica_set.h"

namespace squall::reference {

// What all calls of a gateway share; it outlives them.
struct InferContext {
  Loop& loop;
  const Clock& clock;
  const GatewayOptions& options;
  HttpClient& client;
  ReplicaSet& replicas;
  GatewayMetrics& metrics;
  RetryBudget& budget;
  Rng& rng;
};

struct InferPlan {
  std::string model{};
  std::string version{};
  HttpRequest request{};  // as the caller sent it
  std::string request_id{};
  std::string key{};  // idempotency key; "": none
  std::string cohort{};
  TraceContext trace{};                // of the gateway's span
  std::optional<MonoTime> deadline{};  // of the whole request
  std::string replica{};  // the first attempt goes there, if it is still known; "": anywhere
};

struct InferEnd {
  HttpResponse response{};  // the replica's, or an error of ours
  std::string served_by{};  // "": no replica's answer
  int attempts = 0;
  std::string why{};  // "": a replica answered
  // The replicas, one of them at least, may have executed it, and we do not know; the last of them.
  std::string uncertain_at{};
};

class InferCall : public std::enable_shared_from_this<InferCall> {
 public:
  // `done` is called once, later, on the loop's thread.
  static void start(const InferContext& context, InferPlan plan,
                    std::function<void(InferEnd)> done);

  InferCall(const InferContext& context, InferPlan plan, std::function<void(InferEnd)> done);

 private:
  void attempt();
  void send(const ReplicaSet::Pick& pick);
  void on_outcome(const std::string& replica, MonoTime sent, HttpOutcome outcome);
  void retry_or_end(AttemptEnd how, const std::string& replica, InferEnd failed);
  [[nodiscard]] std::optional<ReplicaSet::Pick> next_replica();
  [[nodiscard]] Duration time_left(MonoTime now) const;
  void end(InferEnd result);

  InferContext context_;
  InferPlan plan_;
  std::function<void(InferEnd)> done_;
  HttpRequest forward_;
  std::set<std::string> tried_{};
  std::string uncertain_at_{};
  int attempts_ = 0;
  Timer pause_;
};

}  // namespace squall::reference
