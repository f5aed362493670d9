// unique-ids: no id is given out twice.
#include <algorithm>
#include <unordered_map>

#include "checker/collection_ops.h"
#include "checker/explain.h"
#include "checker/rows.h"

namespace squall {
namespace {

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"function", ParamType::kText, "generate", "the name of the operations that ask for an id", {}},
};
constexpr std::size_t kMaxWitnesses = 10;

std::string list_operations(const std::vector<OpIndex>& ops) {
  constexpr std::size_t kMaxNamed = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(ops.size(), kMaxNamed); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(ops[i]);
  }
  return ops.size() > kMaxNamed ? text + ", …" : text;
}

// The operations of each id that several got, in the order of the second time.
struct Duplicates {
  std::unordered_map<ValueId, std::vector<OpIndex>> by_id;
  std::vector<ValueId> order;
};

Duplicates find_duplicates(const History& history, const std::vector<OpIndex>& ops) {
  Duplicates found;
  for (const OpIndex op : ops) {
    std::vector<OpIndex>& same = found.by_id[history.value()[op]];
    same.push_back(op);
    if (same.size() == 2) found.order.push_back(history.value()[op]);
  }
  return found;
}

Verdict check(const CheckInput& input) {
  const History& history = input.recording.history;
  std::vector<OpIndex> acknowledged;
  std::uint64_t attempts = 0;
  const Selection selection(history, input.params.text("client"));
  const auto function = history.functions().find(input.params.text("function"));
  for (OpIndex op = 0; op < history.size(); ++op) {
    if (!selection.has(op, function)) continue;
    ++attempts;
    const bool has_id = history.outcome()[op] == Outcome::kOk && history.value()[op] != kAbsent;
    if (has_id) acknowledged.push_back(op);
  }
  Duplicates found = find_duplicates(history, acknowledged);
  std::vector<Witness> witnesses;
  for (const ValueId id : found.order) {
    if (witnesses.size() == kMaxWitnesses) break;
    const std::vector<OpIndex>& ops = found.by_id[id];
    witnesses.push_back({ops, "the id " + value_text(history.values(), id) + " was given out " +
                                  std::to_string(ops.size()) + " times (operations " +
                                  list_operations(ops) + ")"});
  }
  Verdict verdict = conclude(acknowledged.size(), std::move(witnesses),
                             counted(acknowledged.size(), "id") + ", all different",
                             attempts == 0 ? "nobody asked for an id" : "nobody was given an id");
  verdict.facts = {{"attempts", std::to_string(attempts)},
                   {"ids", std::to_string(acknowledged.size())},
                   {"duplicated", std::to_string(found.order.size())}};
  return verdict;
}

}  // namespace

const CheckerRow& unique_ids_row() {
  static const CheckerRow kRow{
      "unique-ids",
      "no id is given out twice",
      "Operations are generate (value: the id that was given out; 'function' may name them "
      "otherwise). Semantics as in Jepsen's unique-ids: of all ids that were acknowledged, "
      "whatever "
      "their keys, no two may be the same. Operations that failed or ended in info gave out "
      "nothing that anybody saw. The witness holds every operation that got the id. Runs in linear "
      "time.",
      kParams,
      check,
      nullptr,
      {check, false}};
  return kRow;
}

}  // namespace squall
