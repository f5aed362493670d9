// Whether, when and where a failed attempt is tried again.  Pure: the caller tells the time.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/rng.h"
#include "base/time.h"

namespace squall::reference {

enum class AttemptEnd {
  kAnswered,     // an answer that we hand on, whatever its status
  kNotSent,      // refused, unreachable: nobody has seen the request
  kUnavailable,  // 503: the replica says that it did not take the request
  kTimedOut,     // sent; it may have been executed, or still be
  kBroken,       // sent, then the connection ended: the same
};
[[nodiscard]] std::string_view to_text(AttemptEnd end);

enum class RetryWhere {
  kNowhere,
  kElsewhere,    // another replica if there is one
  kSameReplica,  // which knows the key and answers what it has answered before
};

struct RetryRules {
  int attempts = 2;             // all together, 1 to kMaxAttempts
  bool has_budget = true;       // off: naive retries, at once and without a limit but `attempts`
  bool has_idempotency = true;  // off: what may have been executed is tried elsewhere all the same
  Duration backoff_min = std::chrono::milliseconds(2);
  Duration backoff_max = std::chrono::milliseconds(50);
};
inline constexpr int kMaxAttempts = 10;

// `attempt` counts from 1; `has_key`: the request carries an idempotency key, so it has an effect
// that must happen once.  One without a key is a pure question.
[[nodiscard]] RetryWhere retry_where(const RetryRules& rules, AttemptEnd end, int attempt,
                                     bool has_key);

// Full jitter: uniform in [0, min(backoff_max, backoff_min × 2^(attempt-1))].
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
[[nodiscard]] Duration backoff(const RetryRules& rules, int attempt, Rng& rng);

// Retries may be at most `ratio` of the requests of the last ten seconds, plus a few a second, so
// that a gateway with little traffic can retry at all (as in Finagle and Linkerd).
class RetryBudget {
 public:
  static constexpr int kSeconds = 10;

  RetryBudget(double ratio, double per_second) : ratio_(ratio), per_second_(per_second) {}

  void on_request(MonoTime now);
  // Takes one from the budget, if there is one.
  [[nodiscard]] bool try_retry(MonoTime now);

 private:
  struct Second {
    std::int64_t at = -1;
    std::int64_t requests = 0;
    std::int64_t retries = 0;
  };
  Second& second(MonoTime now);

  double ratio_;
  double per_second_;
  std::array<Second, kSeconds> seconds_{};
};

}  // namespace squall::reference
