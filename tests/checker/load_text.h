// Histories of an open loop for the tests of SLOs: stretches of load on one axis, and faults.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/checker/history_text.h"

namespace squall::test {

// `per_second` operations a second, evenly from `from` to `to` (ms), of the client "load".
struct Load {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t per_second = 100;
  // Of the n-th of this stretch, ms; below 0: it failed, kNever: never answered.
  std::function<std::int64_t(std::int64_t n)> latency;
};
[[nodiscard]] std::function<std::int64_t(std::int64_t)> all_take(std::int64_t ms);
// Every `period`-th fails, the others take `ms`.
[[nodiscard]] std::function<std::int64_t(std::int64_t)> every(std::int64_t period, std::int64_t ms);

[[nodiscard]] Recording loaded(const std::vector<Load>& stretches,
                               std::vector<FaultInterval> faults = {});
// An event at `at` ms.
[[nodiscard]] FaultInterval event(const std::string& id, const std::string& kind, std::int64_t at);
// The value of a fact, "" if there is none.
[[nodiscard]] std::string fact(const Verdict& verdict, const std::string& name);

}  // namespace squall::test
