// The kinds of client a scenario may name.  The rows live with the clients (workload/), which stand
// above this folder, so they are handed in.
#pragma once

#include <span>
#include <string_view>

#include "base/params.h"

namespace squall {

struct ClientRow {
  std::string_view kind;     // "etcd"
  std::string_view help;     // one sentence
  std::string_view explain;  // a paragraph: operations, error table
  std::span<const ParamSpec> params;
  // One operating-system process for each of the workload's processes, so that a fault can hit one
  // (a lock holder); otherwise one for each node.
  bool is_isolated = false;
  int processes = 1;  // of an entry that does not say how many
};

struct Vocabulary {
  std::span<const ClientRow> clients;
};

}  // namespace squall
