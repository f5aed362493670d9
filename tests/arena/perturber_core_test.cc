// The perturber's streams: what a seed decides, within which bounds, and that nothing else does.
#include "arena/perturber_core.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace squall {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

MonoTime at(Duration since) {
  return {.since_epoch = since};
}

// The first 200 decisions, about a thread that comes back each millisecond: "gap:action …".
std::string stream(std::uint64_t seed, double intensity = 1) {
  PerturberCore core({.seed = seed, .intensity = intensity});
  std::string text;
  for (int step = 0; step < 200; ++step) {
    const MonoTime now = at(milliseconds(step));
    (void)core.released(now);
    text += std::to_string(core.next_gap().count()) + ":" +
            std::to_string(static_cast<int>(core.on_sample(7 + step % 5, now))) + " ";
  }
  return text;
}

TEST(PerturberCore, EqualSeedsDecideAlikeAndOthersDoNot) {
  EXPECT_EQ(stream(1), stream(1));
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) seen.insert(stream(seed));
  EXPECT_EQ(seen.size(), 50U);
}

TEST(PerturberCore, EveryCharacterKeepsTheBounds) {
  std::set<std::size_t> held;
  Duration shortest = kPauseLongest;
  Duration longest{0};
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const PerturberCharacter character = draw_character({.seed = seed});
    EXPECT_GE(character.gap_mean, microseconds(300));
    EXPECT_LE(character.gap_mean, milliseconds(3));
    EXPECT_GE(character.yield_share, 0);
    EXPECT_LE(character.yield_share, 0.3);
    held.insert(character.held_most);
    shortest = std::min(shortest, character.pause_longest);
    longest = std::max(longest, character.pause_longest);
  }
  EXPECT_EQ(held, (std::set<std::size_t>{1, 2, 3}));
  // Both ends are reached by some seed, and passed by none.
  EXPECT_GE(shortest, milliseconds(2));
  EXPECT_LE(shortest, microseconds(2100));
  EXPECT_LE(longest, kPauseLongest);
  EXPECT_GE(longest, milliseconds(48));
}

TEST(PerturberCore, IntensityMakesSamplesAsManyTimesMoreFrequentButNeverEndless) {
  const Duration once = draw_character({.seed = 3}).gap_mean;
  EXPECT_EQ(draw_character({.seed = 3, .intensity = 0.5}).gap_mean, 2 * once);
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    PerturberCore core({.seed = seed, .intensity = kIntensityMax});
    for (int step = 0; step < 100; ++step) EXPECT_GE(core.next_gap(), kGapShortest);
  }
}

TEST(PerturberCore, AnIntensityOutOfBoundsIsRefused) {
  EXPECT_TRUE(validate({.seed = 1, .intensity = 0.1}).ok());
  EXPECT_TRUE(validate({.seed = 1, .intensity = 10}).ok());
  for (const double intensity : {0.0, -1.0, 10.1, std::nan("")}) {
    const Result<> checked = validate({.seed = 1, .intensity = intensity});
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().what, "the intensity of the perturber must be between 0.1 and 10");
  }
}

TEST(PerturberCore, PausesAreSpreadOverOrdersOfMagnitudeAndEnd) {
  int short_ones = 0;
  int long_ones = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    PerturberCore core({.seed = seed});
    MonoTime now = at(milliseconds(0));
    for (int step = 0; step < 20; ++step) {
      if (core.on_sample(1, now) != Perturbation::kHold) continue;
      const MonoTime until = core.next_release().value();
      const Duration pause = until - now;
      EXPECT_GE(pause, kPauseShortest);
      EXPECT_LE(pause, core.character().pause_longest);
      (pause < milliseconds(1) ? short_ones : long_ones) += 1;
      EXPECT_TRUE(core.released(until - Duration(1)).empty());
      EXPECT_EQ(core.released(until), std::vector<pid_t>{1});
      EXPECT_FALSE(core.next_release().has_value());
      now = until;
    }
  }
  EXPECT_GT(short_ones, 500);
  EXPECT_GT(long_ones, 500);
}

TEST(PerturberCore, NoMoreThreadsAreHeldThanTheSeedAllows) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    PerturberCore core({.seed = seed});
    std::size_t held = 0;
    for (pid_t thread = 1; thread <= 50; ++thread) {
      if (core.on_sample(thread, at(milliseconds(1))) == Perturbation::kHold) ++held;
    }
    EXPECT_EQ(held, core.character().held_most);
    EXPECT_EQ(core.release_all().size(), held);
  }
}

TEST(PerturberCore, AHeldThreadIsNotHeldTwiceAndAForgottenOneIsFree) {
  PerturberCore core({.seed = 11});
  while (core.on_sample(5, at(milliseconds(0))) != Perturbation::kHold) {
  }
  for (int step = 0; step < 20; ++step) {
    EXPECT_EQ(core.on_sample(5, at(milliseconds(0))), Perturbation::kNone);
  }
  core.forget(5);
  EXPECT_FALSE(core.next_release().has_value());
  EXPECT_TRUE(core.release_all().empty());
}

// Suppose that a sample of somebody else drew nothing: one call more or less of an agent would
// shift every later decision.
TEST(PerturberCore, ASampleOfSomebodyElseTakesItsPlaceInTheStream) {
  PerturberCore skipped({.seed = 21});
  PerturberCore held({.seed = 21});
  skipped.skip_sample();
  (void)held.on_sample(1, at(milliseconds(0)));
  (void)held.release_all();
  for (int step = 1; step < 100; ++step) {
    const MonoTime now = at(milliseconds(100 * step));
    EXPECT_EQ(skipped.on_sample(1, now), held.on_sample(1, now));
    EXPECT_EQ(skipped.next_release(), held.next_release());
    (void)skipped.release_all();
    (void)held.release_all();
  }
}

TEST(PerturberCore, ACharacterReadsAsASentence) {
  EXPECT_EQ(to_text(PerturberCharacter{.gap_mean = microseconds(812),
                                       .pause_longest = milliseconds(20),
                                       .held_most = 2,
                                       .yield_share = 0.125}),
            "a sample every 812us of CPU time, pauses up to 20ms, at most 2 at once, "
            "13 % only yield");
}

}  // namespace
}  // namespace squall
