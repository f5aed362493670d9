// A fault as one line of text: what to_text(Fault) writes and people type in tests and logs.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "faults/fault.h"

namespace squall {

// The parts of the line, not yet checked against the kind's parameter table (injectors/ does that).
struct FaultText {
  std::string kind;
  FaultId id;
  std::vector<std::vector<Target>> sides;
  std::map<std::string, std::string> params;
};

// "network.partition cut: e1, e2 | e3 (direction=both)".  kInvalid quotes what is wrong.
[[nodiscard]] Result<FaultText> parse_fault_text(std::string_view line);

}  // namespace squall
