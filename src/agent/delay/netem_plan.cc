// Distributions as tables of quantiles.
#include "agent/delay/netem_plan.h"

#include <algorithm>
#include <cmath>

#include "base/rng.h"

namespace squall {
namespace {

// What a node may send, twice over (the kernel's default of 1000 packets would lose packets from
// 20 000/s on with 50 ms), …
constexpr double kPacketsPerSecond = 200'000;
constexpr std::uint32_t kLimitMin = 10'000;
// … as far as memory goes: this many small packets take about 1 GiB of the kernel's.
constexpr std::uint32_t kLimitMax = 1'000'000;
// The share of packets beyond the last quantile is half of one in so many.
constexpr std::size_t kQuantiles = 4096;
// A long tail needs more of them.
constexpr std::size_t kQuantilesOfTail = kMaxDistribution;
constexpr std::int64_t kEntryMax = 32767;
// Which quantiles of two delays meet: any order without a pattern will do.
constexpr std::uint64_t kShuffleSeed = 0x6e6574656dULL;

Error unsupported(const FaultId& fault, const std::string& what) {
  return {Errc::kUnsupported, "netem cannot carry '" + fault.get() + "': " + what};
}

Result<> check_row(const DelayRow& row) {
  if (row.slot >= kNetemSlots) {
    return unsupported(row.fault, "it is the " + std::to_string(row.slot + 1) +
                                      "th delay at once, and netem takes " +
                                      std::to_string(kNetemSlots));
  }
  // It correlates numbers and then looks at their low bits only, which are independent.
  if (row.delay.correlation > 0) return unsupported(row.fault, "it does not correlate delays");
  return {};
}

// The standard normal deviate that a share `p` of a population is below, by bisection: exact to
// what a table entry can hold, and called a few thousand times a fault.
double deviate_at(double p) {
  double low = -9;
  double high = 9;
  for (int i = 0; i < 50; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

// In nanoseconds, ascending.
std::vector<std::int64_t> quantiles_of(const DelaySpec& spec, std::size_t count) {
  std::vector<std::int64_t> quantiles;
  quantiles.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    quantiles.push_back(delay_at(spec, deviate_at(share)).count());
  }
  return quantiles;
}

// Of the sum of two independent delays: each quantile of the one meets another of the other.
std::vector<std::int64_t> sum_of(std::vector<std::int64_t> one, std::vector<std::int64_t> other) {
  Rng rng(kShuffleSeed);
  for (std::size_t i = other.size() - 1; i > 0; --i) std::swap(other[i], other[rng.below(i + 1)]);
  for (std::size_t i = 0; i < one.size(); ++i) one[i] += other[i];
  std::sort(one.begin(), one.end());
  return one;
}

std::uint32_t limit_for(std::int64_t longest) {
  const double packets = kPacketsPerSecond * static_cast<double>(longest) / 1e9;
  return static_cast<std::uint32_t>(std::clamp<double>(packets, kLimitMin, kLimitMax));
}

// The table spans from the shortest to the longest delay, so that each step is as small as can be.
NetemSetting setting_of(const std::vector<std::int64_t>& quantiles) {
  const std::int64_t shortest = quantiles.front();
  const std::int64_t longest = quantiles.back();
  const std::int64_t middle = shortest + (longest - shortest) / 2;
  const std::int64_t reach = std::max<std::int64_t>(longest - middle, 1);
  NetemSetting setting{.delay = Duration(middle), .limit = limit_for(longest)};
  const std::int64_t jitter = (reach * kDistributionScale + kEntryMax - 1) / kEntryMax;
  setting.jitter = Duration(jitter);
  for (const std::int64_t quantile : quantiles) {
    const double steps =
        static_cast<double>(quantile - middle) * kDistributionScale / static_cast<double>(jitter);
    setting.distribution.push_back(static_cast<std::int16_t>(std::lround(steps)));
  }
  return setting;
}

// What `combination` of the rows does to a packet.
NetemSetting setting_of(const std::vector<const DelayRow*>& combination,
                        const std::map<std::size_t, std::vector<std::int64_t>>& quantiles) {
  std::int64_t fixed = 0;
  std::vector<std::int64_t> varying;
  for (const DelayRow* row : combination) {
    if (row->delay.jitter == Duration(0)) {
      fixed += row->delay.delay.count();
    } else {
      const auto& others = quantiles.at(row->slot);
      varying = varying.empty() ? others : sum_of(std::move(varying), others);
    }
  }
  if (varying.empty()) return {.delay = Duration(fixed), .limit = limit_for(fixed)};
  for (std::int64_t& value : varying) value += fixed;
  return setting_of(varying);
}

std::vector<const DelayRow*> members_of(std::uint32_t band, const std::vector<DelayRow>& rows) {
  std::vector<const DelayRow*> members;
  for (const DelayRow& row : rows) {
    if ((band & band_of_slot(row.slot)) != 0) members.push_back(&row);
  }
  return members;
}

}  // namespace

std::uint32_t band_of_slot(std::size_t slot) {
  return 1U << slot;
}

Result<NetemPlan> plan_netem(const std::vector<DelayRow>& rows) {
  std::uint32_t used = 0;
  std::size_t count = kQuantiles;
  for (const DelayRow& row : rows) {
    TRY(check_row(row));
    used |= band_of_slot(row.slot);
    if (row.delay.shape == DelayShape::kPareto) count = kQuantilesOfTail;
  }
  std::map<std::size_t, std::vector<std::int64_t>> quantiles;
  for (const DelayRow& row : rows) {
    if (row.delay.jitter > Duration(0)) quantiles[row.slot] = quantiles_of(row.delay, count);
  }
  NetemPlan plan;
  for (std::uint32_t band = 1; band < kBands; ++band) {
    if ((band & used) != band) continue;
    const std::vector<const DelayRow*> members = members_of(band, rows);
    NetemSetting setting = setting_of(members, quantiles);
    if (setting.jitter > kMaxNetemJitter) {
      return unsupported(members.front()->fault, "its delays scatter over more than 16s");
    }
    plan.emplace(band, std::move(setting));
  }
  return plan;
}

std::string to_text(const NetemPlan& plan) {
  std::string text;
  for (const auto& [band, setting] : plan) {
    text += "band " + std::to_string(band) + ": delay " + to_text(setting.delay);
    if (setting.jitter > Duration(0)) {
      text += " ± " + to_text(setting.jitter) + " (" + std::to_string(setting.distribution.size()) +
              " quantiles)";
    }
    text += ", limit " + std::to_string(setting.limit) + "\n";
  }
  return text;
}

}  // namespace squall
