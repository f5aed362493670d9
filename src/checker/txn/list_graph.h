// The dependencies of a list-append history, and each of them in words.
#pragma once

#include <string>

#include "checker/txn/graph.h"
#include "checker/txn/list_versions.h"

namespace squall {

// Edges by data only.
void add_list_dependencies(const Transactions& txns, const ListVersions& versions,
                           GraphBuilder& builder);
[[nodiscard]] std::string because_of_lists(const Transactions& txns, const ListVersions& versions,
                                           const CycleStep& step);

}  // namespace squall
