// Splitting a collection's operations.
#include "checker/collection_ops.h"

#include <algorithm>

namespace squall {

std::map<ValueId, CollectionOps> split_collection(const History& history, std::string_view client,
                                                  std::string_view function) {
  std::map<ValueId, CollectionOps> split;
  const Selection selection(history, client);
  const std::optional<FunctionId> id = history.functions().find(function);
  for (OpIndex op = 0; op < history.size(); ++op) {
    if (!selection.has(op, id)) continue;
    CollectionOps& ops = split[history.key()[op]];
    const Outcome outcome = history.outcome()[op];
    if (outcome == Outcome::kInfo) ++ops.crashed;
    if (history.value()[op] == kAbsent) continue;
    ops.attempts.push_back(op);
    const bool has_returned = outcome == Outcome::kOk && history.completed()[op] != kNever;
    if (has_returned) ops.acknowledged.push_back(op);
  }
  return split;
}

std::vector<OpIndex> by_return(const History& history, std::vector<OpIndex> ops) {
  std::stable_sort(ops.begin(), ops.end(), [&](OpIndex a, OpIndex b) {
    return certain_interval(history, a).completed < certain_interval(history, b).completed;
  });
  return ops;
}

std::span<const ValueId> items_of(const Values& values, ValueId list) {
  const std::span<const ValueId> items = values.as_list(list);
  const bool is_tagged = !items.empty() && values.kind(items[0]) == ValueKind::kText &&
                         values.as_text(items[0]) == "#set";
  return is_tagged ? items.subspan(1) : items;
}

}  // namespace squall
