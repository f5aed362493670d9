// Laws of the gateway's decisions, for any input.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "reference/gateway/activation_core.h"
#include "reference/gateway/balance_core.h"
#include "reference/gateway/cohort_core.h"
#include "reference/gateway/outlier_core.h"
#include "reference/gateway/retry_core.h"

namespace squall::reference {
namespace {

RC_GTEST_PROP(CohortLaws, RaisingThePercentageTakesNobodyOut, (const std::string& user)) {
  const double low = *rc::gen::inRange(0, 10'001) / 100.0;
  const double high = *rc::gen::inRange(0, 10'001) / 100.0;
  RC_PRE(low <= high);
  const bool was_in = cohort_of("ranker", user, low) == Cohort::kCanary;
  RC_ASSERT(!was_in || cohort_of("ranker", user, high) == Cohort::kCanary);
  RC_ASSERT(bucket_of("ranker", user) < kBuckets);
}

RC_GTEST_PROP(ActivationLaws, TheActiveEpochNeverGoesDown, ()) {
  ActivationCore core(*rc::gen::element(Activation::kRevision, Activation::kWallClock));
  std::int64_t active = 0;
  std::int64_t newest = 0;
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
      rc::gen::tuple(rc::gen::inRange(1, 30), rc::gen::inRange(0, 50), rc::gen::inRange(0, 50)));
  for (const auto& [epoch, activate, now] : steps) {
    (void)core.offer({.epoch = epoch, .stable = "1", .activate = {std::chrono::seconds(activate)}});
    newest = std::max<std::int64_t>(newest, epoch);
    (void)core.advance({std::chrono::seconds(now)});
    RC_ASSERT(core.active() != nullptr);
    RC_ASSERT(core.active()->epoch >= active);
    RC_ASSERT(core.active()->epoch <= newest);
    active = core.active()->epoch;
  }
}

RC_GTEST_PROP(BackoffLaws, IsWithinItsLimit, (std::uint64_t seed)) {
  Rng rng(seed);
  const RetryRules rules{.backoff_min = std::chrono::milliseconds(*rc::gen::inRange(1, 100)),
                         .backoff_max = std::chrono::milliseconds(*rc::gen::inRange(1, 1000))};
  const int attempt = *rc::gen::inRange(1, kMaxAttempts);
  const Duration wait = backoff(rules, attempt, rng);
  const Duration limit =
      std::min<Duration>(rules.backoff_max, rules.backoff_min * (1 << attempt) / 2);
  RC_ASSERT(wait >= Duration(0));
  RC_ASSERT(wait <= limit);
}

RC_GTEST_PROP(BudgetLaws, RetriesOfTenSecondsAreAShareOfTheRequestsOfTheSame, ()) {
  RetryBudget budget(0.2, 0);
  std::int64_t requests = 0;
  std::int64_t retries = 0;
  // Within ten seconds nothing is forgotten, so the share holds exactly at every moment.
  auto seconds = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, RetryBudget::kSeconds));
  std::sort(seconds.begin(), seconds.end());
  for (const int second : seconds) {
    const MonoTime now{std::chrono::seconds(100 + second)};
    const int arriving = *rc::gen::inRange(0, 20);
    for (int i = 0; i < arriving; ++i) budget.on_request(now);
    requests += arriving;
    while (budget.try_retry(now)) ++retries;
    RC_ASSERT(retries <= static_cast<std::int64_t>(0.2 * static_cast<double>(requests)));
    RC_ASSERT(retries + 1 > static_cast<std::int64_t>(0.2 * static_cast<double>(requests)));
  }
}

RC_GTEST_PROP(BalanceLaws, ChoosesFromTheFirstGroupThatIsNotEmpty, (std::uint64_t seed)) {
  Rng rng(seed);
  const auto flags =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 8)));
  std::vector<Candidate> candidates;
  for (const int bits : flags) {
    candidates.push_back({.index = candidates.size(),
                          .outstanding = rng.below(10),
                          .is_local = (bits & 1) != 0,
                          .is_available = (bits & 2) != 0,
                          .was_tried = (bits & 4) != 0});
  }
  const Balance balance = *rc::gen::element(Balance::kRoundRobin, Balance::kTwoChoices);
  const auto choice = choose(candidates, balance, rng.next(), rng);
  RC_ASSERT(choice.has_value());
  const Candidate& chosen = candidates[choice->index];
  const auto any = [&](auto holds) {
    return std::any_of(candidates.begin(), candidates.end(), holds);
  };
  const bool has_available = any([](const Candidate& c) { return c.is_available; });
  const bool has_fresh = any([](const Candidate& c) { return c.is_available && !c.was_tried; });
  RC_ASSERT(choice->is_panic == !has_available);
  RC_ASSERT(chosen.is_available == has_available);
  if (!has_fresh) return;
  RC_ASSERT(!chosen.was_tried);
  const bool has_local =
      any([](const Candidate& c) { return c.is_available && !c.was_tried && c.is_local; });
  RC_ASSERT(chosen.is_local == has_local);
}

// Whatever happens, at most half are ejected (one of a few), and each comes back by itself.
RC_GTEST_PROP(OutlierLaws, NeverEjectsMoreThanHalfAndAlwaysLetsBack, ()) {
  const int count = *rc::gen::inRange(1, 8);
  OutlierCore core({});
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    names.push_back("m" + std::to_string(i));
    core.add(names.back(), i % 2 == 0 ? "eu" : "us");
    core.on_probe(names.back(), ProbeAnswer::kGood);
  }
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
      rc::gen::tuple(rc::gen::inRange(0, count), rc::gen::inRange(0, 3), rc::gen::inRange(0, 400)));
  MonoTime now{std::chrono::seconds(100)};
  for (const auto& [which, end, millis] : steps) {
    now = now + std::chrono::milliseconds(millis);
    core.on_tick(now);
    core.on_request(names[static_cast<std::size_t>(which)], static_cast<RequestEnd>(end),
                    std::chrono::milliseconds(millis), now);
    const auto ejected = std::count_if(
        names.begin(), names.end(), [&](const std::string& name) { return core.is_ejected(name); });
    RC_ASSERT(ejected <= std::max<std::ptrdiff_t>(1, count / 2));
  }
  core.on_tick(now + OutlierRules{}.ejection_max);
  for (const std::string& name : names) RC_ASSERT(core.is_available(name));
}

}  // namespace
}  // namespace squall::reference
