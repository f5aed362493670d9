// Retry rules, backoff and budget.
#include "reference/gateway/retry_core.h"

#include <algorithm>

namespace squall::reference {

std::string_view to_text(AttemptEnd end) {
  switch (end) {
    case AttemptEnd::kAnswered:
      return "answered";
    case AttemptEnd::kNotSent:
      return "not-sent";
    case AttemptEnd::kUnavailable:
      return "unavailable";
    case AttemptEnd::kTimedOut:
      return "timed-out";
    case AttemptEnd::kBroken:
      break;
  }
  return "broken";
}

// Suppose that a replica executed a request and only its answer was lost.  Another replica cannot
// know that: it would execute it again, and an effect that should happen once happens twice.
RetryWhere retry_where(const RetryRules& rules, AttemptEnd end, int attempt, bool has_key) {
  if (end == AttemptEnd::kAnswered || attempt >= rules.attempts) return RetryWhere::kNowhere;
  const bool was_untouched = end == AttemptEnd::kNotSent || end == AttemptEnd::kUnavailable;
  if (was_untouched || !has_key || !rules.has_idempotency) return RetryWhere::kElsewhere;
  return RetryWhere::kSameReplica;
}

Duration backoff(const RetryRules& rules, int attempt, Rng& rng) {
  if (!rules.has_budget) return Duration(0);
  Duration limit = rules.backoff_min;
  for (int doubling = 1; doubling < attempt && limit < rules.backoff_max; ++doubling) limit *= 2;
  limit = std::min(limit, rules.backoff_max);
  return Duration(static_cast<std::int64_t>(rng.unit() * static_cast<double>(limit.count())));
}

RetryBudget::Second& RetryBudget::second(MonoTime now) {
  const std::int64_t at = now.ns() / 1'000'000'000;
  Second& slot = seconds_[static_cast<std::size_t>(at % kSeconds)];
  if (slot.at != at) slot = {.at = at, .requests = 0, .retries = 0};
  return slot;
}

void RetryBudget::on_request(MonoTime now) {
  ++second(now).requests;
}

bool RetryBudget::try_retry(MonoTime now) {
  Second& current = second(now);
  double requests = 0;
  double retries = 0;
  for (const Second& slot : seconds_) {
    if (slot.at <= current.at - kSeconds) continue;
    requests += static_cast<double>(slot.requests);
    retries += static_cast<double>(slot.retries);
  }
  if (retries + 1 > requests * ratio_ + per_second_ * kSeconds) return false;
  ++current.retries;
  return true;
}

}  // namespace squall::reference
