// Which programs take part in a scenario's runs, by content.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "scenarios/scenario.h"

namespace squall {

[[nodiscard]] Result<std::string> digest_of_file(const std::string& path);

// Name → digest: squall itself and each program that the topology starts, looked up as the arena
// does it, in `stacks` and then in PATH.  One that is not found here (inside a root of its own, or
// missing, which the run will say) has the digest "".
[[nodiscard]] Result<std::map<std::string, std::string>> program_digests(const Scenario& scenario,
                                                                         const std::string& stacks);

// SHA-256 of a text.
[[nodiscard]] std::string digest_of_text(const std::string& text);

}  // namespace squall
