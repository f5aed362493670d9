// The choice, by the scenario or by the operations' names.
#include "cli/default_checks.h"

#include <algorithm>
#include <optional>

#include "cli/print.h"

namespace squall {
namespace {

std::string name_for(const Transactions& transactions) {
  const bool has_append =
      std::any_of(transactions.ops.begin(), transactions.ops.end(), [](const MicroOp& op) {
        return op.kind() == MicroKind::kAppend || op.kind() == MicroKind::kListRead;
      });
  return has_append ? "list-append" : "rw-register";
}

// Whether a value is a list of [f, key, value] with such an f.
bool has_step(const Values& values, ValueId transaction, std::string_view f) {
  if (transaction == kAbsent || values.kind(transaction) != ValueKind::kList) return false;
  for (const ValueId step : values.as_list(transaction)) {
    if (values.kind(step) != ValueKind::kList || values.as_list(step).empty()) continue;
    const ValueId name = values.as_list(step)[0];
    if (values.kind(name) == ValueKind::kText && values.as_text(name) == f) return true;
  }
  return false;
}

// "" where there are no transactions.
std::string name_for(const History& history) {
  const std::optional<FunctionId> txn = history.functions().find("txn");
  if (!txn) return "";
  for (OpIndex op = 0; op < history.size(); ++op) {
    if (history.function()[op] != *txn) continue;
    if (has_step(history.values(), history.value()[op], "append")) return "list-append";
    if (has_step(history.values(), history.value()[op], "w")) return "rw-register";
  }
  return "";
}

}  // namespace

Result<std::vector<CheckRequest>> choose_checks(const std::vector<std::string>& asked,
                                                const Recording& recording,
                                                const std::string& path) {
  std::vector<CheckRequest> requests;
  for (const std::string& text : asked) requests.push_back(TRY(parse_check(text)));
  if (!requests.empty()) return requests;
  if (recording.meta.contains("resolved")) return TRY(scenario_of(recording, path)).checks;
  std::string name = name_for(recording.history);
  if (recording.transactions) name = name_for(*recording.transactions);
  if (name.empty()) name = "linearizable";
  requests.push_back(TRY(parse_check(name)));
  return requests;
}

}  // namespace squall
