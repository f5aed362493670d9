// Samples in the order of their schedule, with running sums.
#include "checker/slo_samples.h"

#include <algorithm>
#include <charconv>

#include "checker/selection.h"

namespace squall {
namespace {

// About 73 years: a stranger's history may say anything, and differences of times must not
// overflow.
constexpr std::int64_t kFarthest = std::int64_t{1} << 61U;

std::int64_t timeline_start(const Recording& recording) {
  const auto found = recording.meta.find("timeline_start_ns");
  std::int64_t start = -kFarthest;
  if (found == recording.meta.end()) return start;
  const std::string& text = found->second;
  (void)std::from_chars(text.data(), text.data() + text.size(), start);
  return start;
}

bool is_answered(const History& history, OpIndex op) {
  const Outcome outcome = history.outcome()[op];
  if (history.completed()[op] == kNever || outcome == Outcome::kInfo) return false;
  return outcome == Outcome::kOk || history.error(op).starts_with(kNegativeAnswer);
}

std::int64_t end_of(const History& history) {
  std::int64_t end = -kFarthest;
  for (OpIndex op = 0; op < history.size(); ++op) {
    end = std::max(end, history.sent()[op]);
    if (history.completed()[op] != kNever) end = std::max(end, history.completed()[op]);
  }
  return end;
}

}  // namespace

SloSamples::SloSamples(const Recording& recording, std::string_view client,
                       std::optional<std::int64_t> latency)
    : latency_(latency) {
  read(recording.history, client, timeline_start(recording));
  std::stable_sort(samples_.begin(), samples_.end(), [](const SloSample& a, const SloSample& b) {
    return a.scheduled < b.scheduled;
  });
  sum_up();
}

void SloSamples::read(const History& history, std::string_view client, std::int64_t from) {
  const Selection selection(history, client);
  const std::int64_t end = end_of(history);
  for (OpIndex op = 0; op < history.size(); ++op) {
    if (!selection.has(op)) continue;
    const std::int64_t scheduled = std::clamp(history.at(op).scheduled, -kFarthest, kFarthest);
    if (scheduled < from) continue;
    if (history.completed()[op] == kNever && latency_ && shifted(scheduled, *latency_) > end) {
      ++left_out_;
      continue;
    }
    SloSample sample{scheduled, kNever, op};
    if (is_answered(history, op)) {
      sample.latency = std::max<std::int64_t>(
          0, std::clamp(history.completed()[op], -kFarthest, kFarthest) - scheduled);
    }
    samples_.push_back(sample);
  }
}

void SloSamples::sum_up() {
  answered_before_.reserve(samples_.size() + 1);
  good_before_.reserve(samples_.size() + 1);
  answered_before_.push_back(0);
  good_before_.push_back(0);
  for (const SloSample& sample : samples_) {
    answered_before_.push_back(answered_before_.back() + (sample.latency != kNever ? 1 : 0));
    good_before_.push_back(good_before_.back() + (is_good(sample) ? 1 : 0));
  }
}

TimeSpan SloSamples::load() const {
  if (samples_.empty()) return {};
  return {samples_.front().scheduled, samples_.back().scheduled + 1};
}

std::pair<std::size_t, std::size_t> SloSamples::range(const TimeSpan& span) const {
  const auto position = [this](std::int64_t at) {
    const auto found = std::lower_bound(
        samples_.begin(), samples_.end(), at,
        [](const SloSample& sample, std::int64_t time) { return sample.scheduled < time; });
    return static_cast<std::size_t>(found - samples_.begin());
  };
  return {position(span.from), position(span.to)};
}

SloCounts SloSamples::counts(const TimeSpan& span) const {
  const auto [first, last] = range(span);
  return {last - first, answered_before_[last] - answered_before_[first],
          good_before_[last] - good_before_[first]};
}

std::int64_t SloSamples::next(std::int64_t at) const {
  const std::size_t position = range({at, at}).first;
  return position == samples_.size() ? kNever : samples_[position].scheduled;
}

}  // namespace squall
