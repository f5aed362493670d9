// A hunt in words.  Pure.
#pragma once

#include <string>

#include "search/hunt.h"

namespace squall {

// "12/500 done: found 1, clean 10, invalid 1 | 2 running | 4.1 runs/min"; `sitting` runs were done
// in the last `seconds`.
[[nodiscard]] std::string progress_line(const HuntCounts& counts, std::size_t left,
                                        std::size_t running, std::size_t sitting, double seconds);
// "seed 7: violation: linearizable{client=kv}: …"
[[nodiscard]] std::string result_line(const CaseResult& result);
// The table at the end: counts, groups with their run files, and what to type next.
[[nodiscard]] std::string hunt_summary(const HuntEnd& end, const std::string& out);
// "41m20s", "12.3s"
[[nodiscard]] std::string time_text(double seconds);

}  // namespace squall
