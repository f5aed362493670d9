// Drawing a timeline.  Each fault has its own stream, by its place in the drawing, and each kind
// its own below that, so that another kind more or less leaves what the others would have been.
// Internal to this folder.
#pragma once

#include <vector>

#include "base/result.h"
#include "scenarios/scenario.h"

namespace squall {

// How long a process that was started again, or continued, is left to itself.
inline constexpr Duration kProcessRest = std::chrono::seconds(1);

// The drawn faults of `scenario.random`, resolved.  What holds for every seed: between count_min
// and count_max of them are drawn; each begins and ends within `length`; starts are `gap` apart; at
// most `at_once` are active together; no process is hit by two at once.  A fault that finds no room
// is left out, and the numbers in the names show the hole.
[[nodiscard]] Result<std::vector<TimelineEntry>> draw_timeline(const Scenario& scenario);

// How long a fault is active: its length, or until the process that it ended is started again.
[[nodiscard]] Duration active_time(const TimelineEntry& entry);

}  // namespace squall
