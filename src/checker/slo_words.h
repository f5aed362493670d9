// Sentences about SLOs.
#pragma once

#include <string>

#include "checker/slo_inference.h"

namespace squall {

[[nodiscard]] std::string share_text(double share);        // "99.95%"; 100% only if it is all
[[nodiscard]] std::string latency_text(std::int64_t ns);   // "unanswered" for kNever
[[nodiscard]] std::string quantile_name(double quantile);  // "p95"
[[nodiscard]] std::string rate_text(double per_second);    // "198/s"

// What a test is about: the phase's samples by schedule and their latencies sorted.
struct PhaseData {
  const Phase& phase;
  std::vector<SloSample> in_order;
  std::vector<std::int64_t> sorted;
};
[[nodiscard]] PhaseData phase_data(const SloSamples& samples, const Phase& phase);

// "during cut: p95 was 251ms, the bound is 20ms"
[[nodiscard]] std::string measured(const SloPromise& promise, const SloTest& test,
                                   const PhaseData& data);
// ": 412 of 2000 operations took longer or were not answered"
[[nodiscard]] std::string missed_text(const SloTest& test);
// "…: 40 operations do not decide it with 95% confidence, 59 like these would"
[[nodiscard]] std::string undecided_text(const SloPromise& promise, const SloTest& test,
                                         const PhaseData& data);
// "400 operations at 200/s, p50 1.1ms, p95 3ms (2.9–3.4ms), p99 8ms, availability 99.95%, …"
[[nodiscard]] std::string phase_fact(const SloPromise& promise, const SloSamples& samples,
                                     const PhaseData& data);

}  // namespace squall
