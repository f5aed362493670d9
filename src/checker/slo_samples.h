// What an SLO is judged on: operations by the time they were scheduled for, with how long each took
// from then.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "checker/phases.h"
#include "history/recording.h"

namespace squall {

struct SloCounts {
  std::uint64_t operations = 0;
  std::uint64_t answered = 0;  // ok, or the negative answer of a working system
  std::uint64_t good = 0;      // answered within the latency bound, if there is one
};

// What failed, or whose answer nobody saw, took kNever.  A request that was not sent because too
// many were in flight is one of them.
struct SloSample {
  std::int64_t scheduled = 0;  // ns since the start of the run
  std::int64_t latency = 0;    // ns from then to the end of the answer, or kNever
  OpIndex op = 0;
};

class SloSamples {
 public:
  // Of one workload client ("": all).  An operation that is still under way when the recording ends
  // is left out if it could still have met `latency` (ns; nothing: no bound).  What was scheduled
  // before the timeline began (the warm-up before the steady-state gate) is left out, too.
  SloSamples(const Recording& recording, std::string_view client,
             std::optional<std::int64_t> latency);

  [[nodiscard]] const std::vector<SloSample>& all() const { return samples_; }
  // When operations were scheduled; empty if there are none.
  [[nodiscard]] TimeSpan load() const;
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }  // still under way

  // O(log n).
  [[nodiscard]] SloCounts counts(const TimeSpan& span) const;
  [[nodiscard]] std::int64_t next(std::int64_t at) const;  // first scheduled from `at`, or kNever
  // Indexes into all() of one span: [first, second).
  [[nodiscard]] std::pair<std::size_t, std::size_t> range(const TimeSpan& span) const;
  [[nodiscard]] bool is_good(const SloSample& sample) const {
    return sample.latency != kNever && (!latency_ || sample.latency <= *latency_);
  }

 private:
  void read(const History& history, std::string_view client, std::int64_t from);
  void sum_up();

  std::optional<std::int64_t> latency_;
  std::vector<SloSample> samples_;  // by scheduled time
  std::vector<std::uint32_t> answered_before_;
  std::vector<std::uint32_t> good_before_;
  std::uint64_t left_out_ = 0;
};

}  // namespace squall
