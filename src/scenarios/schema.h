// JSON Schemas of our files for editors, made from the tables that the readers go by: draft 7, as
// far as the YAML language server and JetBrains' programs know it.  What needs more than one file,
// or more than the form (names that exist, selectors that match), only `squall validate` checks.
#pragma once

#include <string>

#include "scenarios/vocabulary.h"

namespace squall {

// Ends with a newline.
[[nodiscard]] std::string scenario_schema(const Vocabulary& vocabulary);
[[nodiscard]] std::string topology_schema();

}  // namespace squall
