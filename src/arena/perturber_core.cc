// The seeded streams of the perturber.
#include "arena/perturber_core.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace squall {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Gaps are spread evenly over 0.2 to 1.8 of their mean: never in step with a loop of the stack.
constexpr double kGapLow = 0.2;
constexpr double kGapWidth = 1.6;
constexpr Duration kGapMeanShortest = microseconds(300);
constexpr Duration kGapMeanLongest = milliseconds(3);
constexpr Duration kLongestAtLeast = milliseconds(2);
// One at a time is what most races want: whoever is to overtake must not be held, too.
constexpr std::array<std::size_t, 4> kHeldChoices = {1, 1, 2, kHeldMost};
constexpr double kYieldShareMost = 0.3;

// Every order of magnitude between the two is as likely as the others.
Duration log_uniform(Rng& rng, Duration low, Duration high) {
  const double ratio = static_cast<double>(high.count()) / static_cast<double>(low.count());
  const double drawn = static_cast<double>(low.count()) * std::pow(ratio, rng.unit());
  return Duration(std::clamp(static_cast<std::int64_t>(drawn), low.count(), high.count()));
}

}  // namespace

Result<> validate(const PerturberSettings& settings) {
  if (settings.intensity >= kIntensityMin && settings.intensity <= kIntensityMax) return {};
  return Error{Errc::kInvalid, "the intensity of the perturber must be between 0.1 and 10"};
}

PerturberCharacter draw_character(const PerturberSettings& settings) {
  Rng rng = Rng(settings.seed).split("character");
  PerturberCharacter character;
  const Duration gap = log_uniform(rng, kGapMeanShortest, kGapMeanLongest);
  const double scaled = static_cast<double>(gap.count()) / settings.intensity;
  character.gap_mean = std::max(Duration(static_cast<std::int64_t>(scaled)), kGapShortest);
  character.pause_longest = log_uniform(rng, kLongestAtLeast, kPauseLongest);
  character.held_most = kHeldChoices.at(rng.below(kHeldChoices.size()));
  character.yield_share = kYieldShareMost * rng.unit();
  return character;
}

std::string to_text(const PerturberCharacter& character) {
  return "a sample every " + to_short_text(character.gap_mean) + " of CPU time, pauses up to " +
         to_short_text(character.pause_longest) + ", at most " +
         std::to_string(character.held_most) + " at once, " +
         std::to_string(std::lround(100 * character.yield_share)) + " % only yield";
}

PerturberCore::PerturberCore(const PerturberSettings& settings)
    : character_(draw_character(settings)),
      gaps_(Rng(settings.seed).split("gaps")),
      actions_(Rng(settings.seed).split("actions")) {}

Duration PerturberCore::next_gap() {
  const double factor = kGapLow + kGapWidth * gaps_.unit();
  const double gap = static_cast<double>(character_.gap_mean.count()) * factor;
  return std::max(Duration(static_cast<std::int64_t>(gap)), kGapShortest);
}

PerturberCore::Draw PerturberCore::draw() {
  const bool is_yield = actions_.unit() < character_.yield_share;
  return {.is_yield = is_yield,
          .pause = log_uniform(actions_, kPauseShortest, character_.pause_longest)};
}

Perturbation PerturberCore::on_sample(pid_t thread, MonoTime now) {
  const Draw drawn = draw();
  // A held one that is still sampled is on its way out of the kernel.
  const bool is_held = std::any_of(held_.begin(), held_.end(),
                                   [&](const Held& held) { return held.thread == thread; });
  if (is_held) return Perturbation::kNone;
  if (drawn.is_yield || held_.size() >= character_.held_most) return Perturbation::kYield;
  held_.push_back({.thread = thread, .until = now + drawn.pause});
  return Perturbation::kHold;
}

void PerturberCore::skip_sample() {
  (void)draw();
}

std::vector<pid_t> PerturberCore::released(MonoTime now) {
  std::vector<pid_t> threads;
  std::erase_if(held_, [&](const Held& held) {
    if (held.until > now) return false;
    threads.push_back(held.thread);
    return true;
  });
  return threads;
}

std::vector<pid_t> PerturberCore::release_all() {
  std::vector<pid_t> threads;
  for (const Held& held : held_) threads.push_back(held.thread);
  held_.clear();
  return threads;
}

std::optional<MonoTime> PerturberCore::next_release() const {
  std::optional<MonoTime> first;
  for (const Held& held : held_) {
    if (!first || held.until < *first) first = held.until;
  }
  return first;
}

void PerturberCore::forget(pid_t thread) {
  std::erase_if(held_, [&](const Held& held) { return held.thread == thread; });
}

}  // namespace squall
