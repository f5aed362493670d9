// The choice, by the scenario or by the operations' names.
#include "cli/default_checks.h"

#include <algorithm>

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

}  // namespace

Result<std::vector<CheckRequest>> choose_checks(const std::vector<std::string>& asked,
                                                const Recording& recording,
                                                const std::string& path) {
  std::vector<CheckRequest> requests;
  for (const std::string& text : asked) requests.push_back(TRY(parse_check(text)));
  if (!requests.empty()) return requests;
  if (recording.meta.contains("resolved")) return TRY(scenario_of(recording, path)).checks;
  std::string name = "linearizable";
  if (recording.transactions) name = name_for(*recording.transactions);
  requests.push_back(TRY(parse_check(name)));
  return requests;
}

}  // namespace squall
