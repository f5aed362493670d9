// write-skew: of two inserts that exclude each other, at most one succeeds.
#include <map>
#include <optional>

#include "checker/explain.h"
#include "checker/rows.h"
#include "checker/selection.h"

namespace squall {
namespace {

constexpr std::size_t kMaxWitnesses = 10;

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"insert", ParamType::kText, "insert", "the operation that looks first and then inserts", {}},
};

// The operation's key, or the first item of a value [key, …].
std::optional<ValueId> key_of(const History& history, OpIndex op) {
  if (history.key()[op] != kAbsent) return history.key()[op];
  const ValueId value = history.value()[op];
  if (value == kAbsent || history.values().kind(value) != ValueKind::kList) return std::nullopt;
  const std::span<const ValueId> items = history.values().as_list(value);
  return items.empty() ? std::nullopt : std::optional(items[0]);
}

Verdict check(const CheckInput& input) {
  const History& history = input.recording.history;
  const Selection chosen(history, input.params.text("client"));
  const auto insert = history.functions().find(input.params.text("insert"));
  std::map<ValueId, OpIndex> first;
  std::vector<Witness> witnesses;
  std::uint64_t attempts = 0;
  std::uint64_t doubled = 0;
  for (OpIndex op = 0; op < history.size(); ++op) {
    if (!chosen.has(op, insert)) continue;
    const std::optional<ValueId> key = key_of(history, op);
    if (!key) continue;
    ++attempts;
    if (history.outcome()[op] != Outcome::kOk) continue;
    const auto [known, is_first] = first.try_emplace(*key, op);
    if (is_first) continue;
    ++doubled;
    if (witnesses.size() >= kMaxWitnesses) continue;
    witnesses.push_back({{known->second, op},
                         process_name(history, known->second) + " and " +
                             process_name(history, op) + " both inserted under key " +
                             value_text(history.values(), *key) + " (operations " +
                             std::to_string(known->second) + " and " + std::to_string(op) +
                             "), each having seen that the other had not"});
  }
  Verdict verdict = conclude(first.empty() ? 0 : attempts, std::move(witnesses),
                             counted(first.size(), "key") + ", never two inserts under one",
                             "no insert was acknowledged");
  if (!verdict.witnesses.empty()) {
    const Window window = window_of(history, verdict.witnesses.front());
    verdict.summary += while_faults(input.recording, window.from, window.to);
  }
  verdict.facts = {{"inserts", std::to_string(attempts)},
                   {"keys", std::to_string(first.size())},
                   {"write skews", std::to_string(doubled)}};
  return verdict;
}

}  // namespace

const CheckerRow& write_skew_row() {
  static const CheckerRow kRow{
      "write-skew", "of inserts that exclude each other, at most one succeeds",
      "Each insert reads two tables for its key and inserts into one of them only if both are "
      "empty. Two acknowledged inserts under one key mean that each missed the other's, which is "
      "write skew (G2), allowed by snapshot isolation and forbidden by serializability. The key is "
      "the operation's, or the first item of its value. O(n log n). Source: the G2 test of "
      "Jepsen; Adya 1999.",
      kParams, check};
  return kRow;
}

}  // namespace squall
