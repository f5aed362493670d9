// What the perturber does, decided: when to look next, and whom to hold for how long.  On one
// virtual CPU a thread is hardly ever preempted between two instructions that belong together; the
// perturber holds threads there, and everybody else runs on.  Pure: samples and times in, actions
// out.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/rng.h"
#include "base/time.h"

namespace squall {

// Chosen by measurement: docs/decisions/0016-perturber.md.
struct PerturberSettings {
  std::uint64_t seed = 0;  // 0: nothing is perturbed
  double intensity = 1;    // so many times as often; between kIntensityMin and kIntensityMax
};
inline constexpr double kIntensityMin = 0.1;
inline constexpr double kIntensityMax = 10;
[[nodiscard]] Result<> validate(const PerturberSettings& settings);

// Each seed has a character of its own.  Suppose that all seeds paused alike: a race that needs
// 20 ms would never be hit by pauses of 1 ms, and one that needs the second thread to go on would
// drown where three are held at once.
struct PerturberCharacter {
  Duration gap_mean{0};       // CPU time of the guest between two samples
  Duration pause_longest{0};  // pauses are spread evenly over orders of magnitude, up to here
  std::size_t held_most = 1;  // so many threads at the same time
  double yield_share = 0;     // of the samples that only give way to whoever waits
  friend bool operator==(const PerturberCharacter&, const PerturberCharacter&) = default;
};
[[nodiscard]] PerturberCharacter draw_character(const PerturberSettings& settings);
[[nodiscard]] std::string to_text(const PerturberCharacter& character);

inline constexpr Duration kGapShortest = std::chrono::microseconds(100);
inline constexpr Duration kPauseShortest = std::chrono::microseconds(50);
// No pause is longer: kernels, agents and the evidence of faults live with that.
inline constexpr Duration kPauseLongest = std::chrono::milliseconds(50);
inline constexpr std::size_t kHeldMost = 3;

enum class Perturbation { kNone, kYield, kHold };

class PerturberCore {
 public:
  explicit PerturberCore(const PerturberSettings& settings);

  // How long the CPU may run until the next sample.
  [[nodiscard]] Duration next_gap();
  // `thread`, which belongs to the stack, was on the CPU when the gap was over.  kHold: it is held
  // until it is among released().  Every sample draws the same numbers whatever comes of it, so
  // that the stream does not depend on who was there.
  [[nodiscard]] Perturbation on_sample(pid_t thread, MonoTime now);
  // The CPU belonged to nobody of the stack: draws as much as a sample does.
  void skip_sample();
  // Those whose time has come; they are held no longer.
  [[nodiscard]] std::vector<pid_t> released(MonoTime now);
  [[nodiscard]] std::vector<pid_t> release_all();
  [[nodiscard]] std::optional<MonoTime> next_release() const;
  // Could not be held: it has gone.
  void forget(pid_t thread);

  [[nodiscard]] const PerturberCharacter& character() const { return character_; }

 private:
  struct Held {
    pid_t thread = 0;
    MonoTime until;
  };
  struct Draw {
    bool is_yield = false;
    Duration pause{0};
  };
  [[nodiscard]] Draw draw();

  PerturberCharacter character_;
  Rng gaps_;
  Rng actions_;
  std::vector<Held> held_;
};

}  // namespace squall
