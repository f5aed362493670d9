// The operations of a collection (set, counter, queue), key by key, as Jepsen's checkers see them:
// attempts are whatever was invoked, acknowledged is what returned ok.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "checker/selection.h"

namespace squall {

// Operations of one function on one key, in the order of the history.
struct CollectionOps {
  std::vector<OpIndex> attempts;      // with a value, whatever became of them
  std::vector<OpIndex> acknowledged;  // those that returned ok
  std::uint64_t crashed = 0;          // info, with or without a value
};

// Keys in the order of their ids; kAbsent is the collection that has none.
[[nodiscard]] std::map<ValueId, CollectionOps> split_collection(const History& history,
                                                                std::string_view client,
                                                                std::string_view function);

// The operations in the order of their returns, each shifted to the latest time that its clock
// allows, so that "before" is certain of what does not come earlier.
[[nodiscard]] std::vector<OpIndex> by_return(const History& history, std::vector<OpIndex> ops);

// The elements of a list; JSON lines that come from EDN write a set as ["#set",1,2].
[[nodiscard]] std::span<const ValueId> items_of(const Values& values, ValueId list);

}  // namespace squall
