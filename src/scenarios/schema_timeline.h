// The timeline, fixed and drawn, in a scenario's schema.  Internal to this folder.
#pragma once

#include "scenarios/schema_values.h"

namespace squall {

// Adds "timeline", and the parts of a drawn one: "fixed", "random", "faults".
void add_timeline_parts(SchemaJson& definitions);

}  // namespace squall
