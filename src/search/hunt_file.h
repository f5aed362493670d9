// The hunt's state and result, hunt.json: rewritten after every run, so that a hunt goes on where
// it was cut off.  Its fields: docs/hunt.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "search/hunt_machine.h"

namespace squall {

// What must be the same for results to be comparable.  Each value is a digest or a word.
struct HuntIdentity {
  std::string scenario;  // as it is before the seed has its say, overrides in place
  std::map<std::string, std::string> programs;  // name → digest
  std::string arena;
  std::string pairing;  // "none", "same", "1..3"
};

struct HuntFile {
  std::string name;  // of the scenario
  HuntIdentity identity;
  std::string shard = "0/1";
  double seconds = 0;  // spent, over all sittings
  std::vector<CaseResult> results;
};

[[nodiscard]] std::string to_json(const HuntFile& file);
// kInvalid with what is wrong: the file may be damaged, or another program's.
[[nodiscard]] Result<HuntFile> parse_hunt_file(const std::string& text);

// Why results of `before` say nothing about `now`, in a sentence; "" if they do.
[[nodiscard]] std::string what_changed(const HuntIdentity& before, const HuntIdentity& now);

}  // namespace squall
