// The statistics of late and lost packets.
#include "faults/link_quality.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace squall {
namespace {

constexpr std::array<std::string_view, 3> kShapeNames = {"uniform", "normal", "pareto"};

// The Pareto distribution of shape 3 above 1 has this mean and this standard deviation.
constexpr double kParetoShape = 3;
constexpr double kParetoMean = 1.5;
const double kParetoDeviation = std::sqrt(0.75);

// The share of a standard normal distribution above `z`.
double share_above(double z) {
  return std::erfc(z / std::sqrt(2.0)) / 2;
}

// How many jitters a packet is late, or early.
double deviate(DelayShape shape, double z) {
  switch (shape) {
    case DelayShape::kUniform:
      return 1 - 2 * share_above(z);
    case DelayShape::kNormal:
      return z;
    case DelayShape::kPareto:
      break;
  }
  return (std::pow(share_above(z), -1 / kParetoShape) - kParetoMean) / kParetoDeviation;
}

std::string number_text(double number) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.4g", number);
  return text.data();
}

Error invalid(const std::string& what) {
  return {Errc::kInvalid, what};
}

}  // namespace

Result<DelayShape> parse_delay_shape(std::string_view text) {
  for (std::size_t i = 0; i < kShapeNames.size(); ++i) {
    if (kShapeNames.at(i) == text) return static_cast<DelayShape>(i);
  }
  return invalid("'" + std::string(text) + "' is no distribution of delays");
}

Result<> check_delay(const DelaySpec& spec) {
  if (spec.delay == Duration(0)) return invalid("'delay' is 0: the fault would do nothing");
  if (spec.delay < kDelayMin || spec.delay > kDelayMax) {
    return invalid("'delay' of " + to_text(spec.delay) + " is outside " + to_text(kDelayMin) +
                   " to " + to_text(kDelayMax));
  }
  if (spec.jitter > spec.delay) {
    return invalid("'jitter' of " + to_text(spec.jitter) + " is more than the 'delay' of " +
                   to_text(spec.delay) + ": packets would leave before they came");
  }
  if (spec.correlation >= 1) return invalid("'correlation' must be below 100%");
  if (spec.jitter > Duration(0)) return {};
  if (spec.correlation > 0) return invalid("'correlation' does nothing without 'jitter'");
  if (spec.shape != DelayShape::kUniform) {
    return invalid("'distribution' does nothing without 'jitter'");
  }
  return {};
}

Duration delay_at(const DelaySpec& spec, double z) {
  if (spec.jitter == Duration(0)) return spec.delay;
  const double late = static_cast<double>(spec.jitter.count()) * deviate(spec.shape, z);
  const double total = static_cast<double>(spec.delay.count()) + late;
  const double bounded = std::clamp(total, 0.0, static_cast<double>(kDelayMax.count()));
  return Duration(std::llround(bounded));
}

Duration median_of(const DelaySpec& spec) {
  return delay_at(spec, 0);
}

Duration deviation_of(const DelaySpec& spec) {
  if (spec.shape != DelayShape::kUniform) return spec.jitter;
  return Duration(std::llround(static_cast<double>(spec.jitter.count()) / std::sqrt(3.0)));
}

std::string to_text(const DelaySpec& spec) {
  std::string text = to_text(spec.delay);
  if (spec.jitter == Duration(0)) return text;
  text += " ± " + to_text(spec.jitter) + " ";
  text += kShapeNames.at(static_cast<std::size_t>(spec.shape));
  if (spec.correlation > 0) text += ", correlation " + percent_text(spec.correlation);
  return text;
}

Result<LossSpec> make_loss(double probability, double burst) {
  if (burst < 1) return invalid("'burst' of " + number_text(burst) + " is less than one packet");
  // probability_of() solved for `enter`.
  const double enter = probability / (probability + burst * (1 - probability));
  const LossSpec spec{.enter = static_cast<std::uint32_t>(std::llround(enter * kMillion)),
                      .leave = static_cast<std::uint32_t>(std::llround(kMillion / burst))};
  if (spec.enter == 0) {
    return invalid("'loss' of " + percent_text(probability) + " rounds to 0: it would do nothing");
  }
  if (spec.leave == 0) return invalid("'burst' of " + number_text(burst) + " would never end");
  return spec;
}

double probability_of(const LossSpec& spec) {
  const double enter = static_cast<double>(spec.enter) / kMillion;
  const double leave = static_cast<double>(spec.leave) / kMillion;
  return enter / (enter + leave - enter * leave);
}

double burst_of(const LossSpec& spec) {
  return static_cast<double>(kMillion) / spec.leave;
}

// A chain of two states: the memory of one packet for the next is (1 - enter)(1 - leave), and makes
// n packets say as much as n (1 - memory) / (1 + memory) independent ones.
double share_deviation(const LossSpec& spec, double packets) {
  const double enter = static_cast<double>(spec.enter) / kMillion;
  const double leave = static_cast<double>(spec.leave) / kMillion;
  const double memory = (1 - enter) * (1 - leave);
  const double share = probability_of(spec);
  return std::sqrt(share * (1 - share) / packets * (1 + memory) / (1 - memory));
}

std::string to_text(const LossSpec& spec) {
  std::string text = percent_text(probability_of(spec));
  if (spec.is_burst()) text += " in bursts of " + number_text(burst_of(spec));
  return text;
}

std::string percent_text(double share) {
  return number_text(share * 100) + "%";
}

}  // namespace squall
