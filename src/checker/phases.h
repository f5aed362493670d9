// The phases of a run with faults (before, during, after, recovered), and how long each recovery
// took.  A window of time is inside the SLO or not; that is all this file knows of SLOs.
//
//   fault              |########|
//   windows   + + + +   - - - -    - - + - + + + + +
//             before   |during  | after   | recovered        k = 3
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "history/recording.h"

namespace squall {

enum class PhaseKind : std::uint8_t { kWhole, kBefore, kDuring, kAfter, kRecovered };
[[nodiscard]] std::string_view to_text(PhaseKind kind);  // "before"

// From inclusive, to exclusive; ns since the start of the run.
struct TimeSpan {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

struct Phase {
  PhaseKind kind = PhaseKind::kWhole;
  std::string fault{};                     // of kDuring: which one
  std::vector<TimeSpan> spans{};           // in order, none empty, apart from each other
  [[nodiscard]] std::string name() const;  // "during cut", "recovered"
};

// An empty window is neither inside nor outside: nobody asked.
enum class WindowState : std::uint8_t { kEmpty, kInside, kOutside };

struct PhaseRule {
  TimeSpan load;            // when operations were scheduled
  std::int64_t window = 0;  // ns, > 0
  std::size_t windows = 0;  // in a row inside make it recovered, > 0
  std::function<WindowState(const TimeSpan&)> state;
  // The first scheduled time from `at` on; kNever: none.  Windows without operations are skipped.
  std::function<std::int64_t(std::int64_t at)> next;
};

// What follows the last of some overlapping faults, until the next one begins.
struct Recovery {
  std::string fault{};               // the last that was healed or, as an event, happened
  std::int64_t heal = 0;             // ns since the start of the run
  std::int64_t until = 0;            // the next fault, or the end of the load
  std::optional<std::int64_t> took;  // ns, whole windows; nothing: not until `until`
  bool is_cut_short = false;         // by the next fault
};

// When the first window that began after the fault and was outside had passed.
struct Detection {
  std::string fault{};
  std::int64_t start = 0;
  std::optional<std::int64_t> took;  // ns from the start, whole windows; nothing: none was outside
};

struct Phases {
  // kWhole if there were no faults; else before, one during for each fault, after, recovered; only
  // those that had any time.
  std::vector<Phase> phases;
  std::vector<Recovery> recoveries;   // one for each time without faults behind a fault
  std::vector<Detection> detections;  // one for each fault
};

// Faults that were never applied do not count.  An event (a kill) is an instant: it has no during,
// what follows it is after.  A lost lease ends a fault as a heal does; a fault that never ended
// lasts until the end of the load.
[[nodiscard]] Phases find_phases(const std::vector<FaultInterval>& faults, const PhaseRule& rule);

}  // namespace squall
