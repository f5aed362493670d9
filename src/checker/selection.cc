// Choosing rows of a history.
#include "checker/selection.h"

namespace squall {
namespace {

std::string_view without_quotes(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return text;
  return text.substr(1, text.size() - 2);
}

bool is_scalar_of(const Values& values, ValueId id, std::string_view json) {
  switch (values.kind(id)) {
    case ValueKind::kText:
      return values.as_text(id) == without_quotes(json);
    case ValueKind::kList:
      return false;
    default:
      return values.to_json(id) == json;
  }
}

}  // namespace

Selection::Selection(const History& history, std::string_view client) : history_(history) {
  for (const Process& process : history.processes()) {
    is_chosen_.push_back(client.empty() || process.client == client ? 1 : 0);
  }
}

std::int64_t clock_error(const History& history, OpIndex op) {
  return history.processes()[history.process()[op]].clock_error.count();
}

std::int64_t shifted(std::int64_t at, std::int64_t by) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(at, by, &sum)) return sum;
  return by > 0 ? kNever : -kNever;
}

Interval certain_interval(const History& history, OpIndex op) {
  const std::int64_t error = clock_error(history, op);
  return {shifted(history.sent()[op], -error), shifted(history.completed()[op], error)};
}

std::optional<ValueId> find_value(const Values& values, std::string_view json) {
  if (json.empty() || json == "nil" || json == "null") return kNil;
  for (ValueId id = 0; id < values.size(); ++id) {
    if (is_scalar_of(values, id, json)) return id;
  }
  return std::nullopt;
}

}  // namespace squall
