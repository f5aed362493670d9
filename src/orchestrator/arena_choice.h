// Which arena a run takes.  The lab shows real interleavings at real speed, so a run prefers it; a
// hunt prefers the sealed arena, whose finds can be had again.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "orchestrator/sealed_refusals.h"

namespace squall {

inline constexpr const char* kArenaNames = "auto, lab, sealed";

// Each tries what its arena begins with, and says without advice why it cannot.
struct ArenaProbes {
  std::function<Result<>()> lab;
  std::function<Result<>()> sealed;
};
// Of this machine alone, and of what a scenario asks of it; `wish` outlives the probes.
[[nodiscard]] ArenaProbes arena_probes();
[[nodiscard]] ArenaProbes arena_probes(const SealedWish& wish);

struct ArenaChoice {
  std::string arena;   // "lab" or "sealed"
  std::string remark;  // "": nothing to say
};

// `asked` is one of kArenaNames.  Only `auto` ever looks for another arena than the first.
[[nodiscard]] Result<ArenaChoice> choose_arena_of_run(const std::string& asked,
                                                      const ArenaProbes& probes);
[[nodiscard]] Result<ArenaChoice> choose_arena_of_hunt(const std::string& asked,
                                                       const ArenaProbes& probes);

}  // namespace squall
