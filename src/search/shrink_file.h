// The state of a shrink, shrink.json: rewritten after every candidate, so that it goes on where it
// was cut off.
#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace squall {

struct ShrinkFile {
  std::string identity;               // digest of all that outcomes depend on
  std::string check;                  // that must still be violated
  int runs = 0;                       // spent, over all sittings
  double seconds = 0;                 // the same
  bool is_confirmed = false;          // the scenario violated it at the beginning
  std::map<std::string, bool> known;  // by the candidates' digests
};

[[nodiscard]] std::string to_json(const ShrinkFile& file);
// kInvalid with what is wrong.
[[nodiscard]] Result<ShrinkFile> parse_shrink_file(const std::string& text);

}  // namespace squall
