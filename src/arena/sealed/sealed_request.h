// What is said into the machine: before the stack starts, what decides how it starts; when it is
// ready, what decides the run.  JSON, since it crosses only from one copy of this program to
// itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace squall {

// Whatever enters here is part of a snapshot's name.
struct StackRequest {
  std::string topology;  // YAML, without variables
  std::string folder;    // the working directory
  bool has_baseline = true;
};

struct GoRequest {
  std::string scenario;                      // as resolved, YAML
  std::string source;                        // as written
  std::map<std::string, std::string> facts;  // environment, for the run file
  std::uint64_t perturb = 0;                 // the perturbation seed; 0: none
};

[[nodiscard]] std::string to_json(const StackRequest& request);
[[nodiscard]] std::string to_json(const GoRequest& request);
[[nodiscard]] Result<StackRequest> parse_stack_request(std::string_view text);
[[nodiscard]] Result<GoRequest> parse_go_request(std::string_view text);

}  // namespace squall
