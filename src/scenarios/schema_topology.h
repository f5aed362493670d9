// The schema of a topology, whole or as a part of a scenario's.  Internal to this folder.
#pragma once

#include "scenarios/schema_values.h"

namespace squall {

// The map itself; its parts are definitions.
[[nodiscard]] SchemaJson topology_map();
void add_topology_parts(SchemaJson& definitions);

}  // namespace squall
