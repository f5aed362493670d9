// Numbers of SLOs as text.
#include "checker/slo_words.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "checker/explain.h"

namespace squall {
namespace {

constexpr double kSecond = 1e9;

// Without the zeros that follow the last other digit.
std::string number_text(double value, int decimals) {
  char text[64];
  (void)std::snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string trimmed = text;
  if (trimmed.find('.') == std::string::npos) return trimmed;
  trimmed.erase(trimmed.find_last_not_of('0') + 1);
  if (trimmed.back() == '.') trimmed.pop_back();
  return trimmed;
}

double length_of(const Phase& phase) {
  double length = 0;
  for (const TimeSpan& span : phase.spans) length += static_cast<double>(span.to - span.from);
  return length / kSecond;
}

std::uint64_t met(const SloTest& test) {
  return test.operations - test.missed;
}

std::string measured_value(const SloPromise& promise, const SloTest& test, const PhaseData& data) {
  switch (test.bound.kind) {
    case SloKind::kLatency:
      return quantile_name(promise.quantile) + " was " +
             latency_text(nearest_rank(data.sorted, promise.quantile)) + ", the bound is " +
             latency_text(promise.latency.value_or(kNever));
    case SloKind::kGoodputRate:
      return "goodput was " + rate_text(static_cast<double>(met(test)) / test.seconds) +
             ", the bound is " + rate_text(test.bound.share);
    case SloKind::kAvailability:
    case SloKind::kGoodput:
      break;
  }
  const double share = static_cast<double>(met(test)) / static_cast<double>(test.operations);
  return std::string(test.bound.kind == SloKind::kGoodput ? "goodput" : "availability") + " was " +
         share_text(share) + ", the bound is " + share_text(test.bound.share);
}

std::string range_text(const QuantileBounds& bounds) {
  if (bounds.high == kNever) return latency_text(bounds.low) + " or more";
  return seconds_range(bounds.low, bounds.high);
}

}  // namespace

std::string share_text(double share) {
  // Two decimals, three where nines are counted; cut off, so that 99.999% does not read 100%.
  const int decimals = share > 0.999 ? 3 : 2;
  const double scale = std::pow(10, decimals);
  return number_text(std::floor(share * 100 * scale + 1e-6) / scale, decimals) + "%";
}

std::string latency_text(std::int64_t ns) {
  return ns == kNever ? "unanswered" : seconds(ns);
}

std::string quantile_name(double quantile) {
  return "p" + number_text(quantile * 100, 3);
}

std::string rate_text(double per_second) {
  return number_text(per_second, per_second < 10 ? 2 : 0) + "/s";
}

PhaseData phase_data(const SloSamples& samples, const Phase& phase) {
  PhaseData data{phase, samples_of(samples, phase), {}};
  data.sorted.reserve(data.in_order.size());
  for (const SloSample& sample : data.in_order) data.sorted.push_back(sample.latency);
  std::sort(data.sorted.begin(), data.sorted.end());
  return data;
}

std::string measured(const SloPromise& promise, const SloTest& test, const PhaseData& data) {
  return data.phase.name() + ": " + measured_value(promise, test, data);
}

std::string missed_text(const SloTest& test) {
  const bool is_answer_enough = test.bound.kind == SloKind::kAvailability;
  return ": " + std::to_string(test.missed) + " of " + counted(test.operations, "operation") +
         (is_answer_enough ? " not answered" : " too late or not answered");
}

std::string undecided_text(const SloPromise& promise, const SloTest& test, const PhaseData& data) {
  std::string text = measured(promise, test, data) + ": " + counted(test.operations, "operation");
  const auto effective = static_cast<std::uint64_t>(std::max(1.0, std::floor(test.effective)));
  if (effective < test.operations) {
    text += " (worth " + std::to_string(effective) + " independent " +
            (effective == 1 ? "one)" : "ones)");
  }
  text += " cannot decide it with " + share_text(promise.confidence) + " confidence";
  if (test.bound.kind == SloKind::kGoodputRate) return text + ", more time is needed";
  if (!test.needed) return text + ", however many there are like these";
  return text + ", " + std::to_string(*test.needed) + " like these would";
}

std::string phase_fact(const SloPromise& promise, const SloSamples& samples,
                       const PhaseData& data) {
  SloCounts counts;
  for (const SloSample& sample : data.in_order) {
    ++counts.operations;
    counts.answered += sample.latency == kNever ? 0U : 1U;
    counts.good += samples.is_good(sample) ? 1U : 0U;
  }
  const auto all = static_cast<double>(counts.operations);
  const double length = length_of(data.phase);
  const QuantileBounds bounds =
      quantile_bounds(data.in_order, data.sorted, promise.quantile, promise.confidence);
  std::string text = counted(counts.operations, "operation") + " at " + rate_text(all / length);
  for (const double quantile : {0.5, 0.95, 0.99}) {
    const bool is_judged = std::abs(quantile - promise.quantile) < 1e-9;
    text +=
        ", " + quantile_name(quantile) + " " + latency_text(nearest_rank(data.sorted, quantile));
    if (is_judged) text += " (" + range_text(bounds) + ")";
  }
  text += ", availability " + share_text(static_cast<double>(counts.answered) / all);
  text += ", goodput " + share_text(static_cast<double>(counts.good) / all) + " (" +
          rate_text(static_cast<double>(counts.good) / length) + ")";
  return text + ", effective sample " +
         std::to_string(static_cast<std::uint64_t>(std::max(1.0, std::floor(bounds.effective))));
}

}  // namespace squall
