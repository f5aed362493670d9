// The names that travel through the whole program.
#pragma once

#include <string>

#include "base/strong.h"

namespace squall {

using NodeName = Strong<std::string, struct NodeNameTag>;
// A process of a node as the topology names it, for example "etcd".
using ProcessName = Strong<std::string, struct ProcessNameTag>;
using FaultId = Strong<std::string, struct FaultIdTag>;

}  // namespace squall
