// bank: transfers between accounts neither make nor lose money.
#include <algorithm>
#include <charconv>
#include <optional>

#include "checker/explain.h"
#include "checker/rows.h"
#include "checker/selection.h"

namespace squall {
namespace {

constexpr std::size_t kMaxWitnesses = 10;

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"read", ParamType::kText, "read", "the operation that returns all balances", {}},
    {"total",
     ParamType::kText,
     "",
     "what all balances add up to; that of the first read if empty",
     {}},
    {"negative", ParamType::kChoice, "rejected", "balances below zero", "rejected|allowed"},
};

struct Balances {
  std::int64_t total = 0;
  std::size_t accounts = 0;
  std::optional<ValueId> negative;  // an account
  std::optional<ValueId> missing;   // an account without a balance
};

// A list of [account, balance]; nothing: it is something else.
std::optional<Balances> balances_of(const Values& values, ValueId value) {
  if (value == kAbsent || values.kind(value) != ValueKind::kList) return std::nullopt;
  Balances found;
  for (const ValueId part : values.as_list(value)) {
    if (values.kind(part) != ValueKind::kList) return std::nullopt;
    const std::span<const ValueId> pair = values.as_list(part);
    if (pair.size() != 2) return std::nullopt;
    ++found.accounts;
    if (values.kind(pair[1]) != ValueKind::kInteger) {
      found.missing = found.missing ? found.missing : pair[0];
      continue;
    }
    const std::int64_t balance = values.as_integer(pair[1]);
    if (balance < 0 && !found.negative) found.negative = pair[0];
    if (__builtin_add_overflow(found.total, balance, &found.total)) return std::nullopt;
  }
  return found;
}

class Bank {
 public:
  explicit Bank(const CheckInput& input)
      : history_(input.recording.history),
        chosen_(history_, input.params.text("client")),
        read_(history_.functions().find(input.params.text("read"))),
        allows_negative_(input.params.text("negative") == "allowed") {
    const std::string& total = input.params.text("total");
    std::int64_t number = 0;
    const auto end = total.data() + total.size();
    const auto parsed = std::from_chars(total.data(), end, number);
    if (parsed.ec == std::errc{} && parsed.ptr == end) total_ = number;
  }

  void run() {
    for (OpIndex op = 0; op < history_.size(); ++op) {
      if (!chosen_.has(op, read_) || history_.outcome()[op] != Outcome::kOk) continue;
      const auto balances = balances_of(history_.values(), history_.value()[op]);
      if (!balances) continue;
      ++reads;
      if (!total_) total_ = balances->total;
      if (!accounts_) accounts_ = balances->accounts;
      look_at(op, *balances);
    }
  }

  std::uint64_t reads = 0;
  std::uint64_t wrong = 0;
  std::vector<Witness> witnesses;

 private:
  void look_at(OpIndex op, const Balances& balances) {
    std::string what;
    if (balances.missing) {
      what = "no balance of account " + value_text(history_.values(), *balances.missing);
    } else if (balances.accounts != *accounts_) {
      what = counted(balances.accounts, "account") + ", not " + std::to_string(*accounts_);
    } else if (balances.total != *total_) {
      what = "balances that add up to " + std::to_string(balances.total) + ", not " +
             std::to_string(*total_);
    } else if (balances.negative && !allows_negative_) {
      what = "a balance below zero in account " + value_text(history_.values(), *balances.negative);
    } else {
      return;
    }
    ++wrong;
    if (witnesses.size() >= kMaxWitnesses) return;
    witnesses.push_back(
        {{op}, process_name(history_, op) + " read " + what + " (" + operation_name(op) + ")"});
  }

  const History& history_;
  Selection chosen_;
  std::optional<FunctionId> read_;
  bool allows_negative_;
  std::optional<std::int64_t> total_;
  std::optional<std::size_t> accounts_;
};

Verdict check(const CheckInput& input) {
  Bank bank(input);
  bank.run();
  const bool is_violated = bank.wrong > 0;
  Verdict verdict = conclude(bank.reads, std::move(bank.witnesses),
                             counted(bank.reads, "read") + " of all balances, nothing lost",
                             "nobody read the balances");
  if (is_violated) {
    const Window window = window_of(input.recording.history, verdict.witnesses.front());
    verdict.summary =
        verdict.witnesses.front().why + while_faults(input.recording, window.from, window.to);
    if (bank.wrong > 1) verdict.summary += " (and " + counted(bank.wrong - 1, "more read") + ")";
  }
  verdict.facts = {{"reads", std::to_string(bank.reads)},
                   {"wrong reads", std::to_string(bank.wrong)}};
  return verdict;
}

Result<> validate(const Params& params) {
  const std::string& total = params.text("total");
  std::int64_t number = 0;
  const auto end = total.data() + total.size();
  const auto parsed = std::from_chars(total.data(), end, number);
  if (total.empty() || (parsed.ec == std::errc{} && parsed.ptr == end)) return {};
  return Error{Errc::kInvalid, "'total' is '" + total + "', which is no whole number"};
}

}  // namespace

const CheckerRow& bank_row() {
  static const CheckerRow kRow{
      "bank",
      "transfers between accounts neither make nor lose money",
      "Looks at every acknowledged read of all balances (an object, or a list of [account, "
      "balance]). Each must name the same number of accounts, a balance for each, and add up to "
      "the same total; unless that is allowed, no balance may be below zero. Under snapshot "
      "isolation or stronger it holds however transfers interleave, so that a wrong total shows "
      "read skew, a lost update or half a transfer. O(n). Source: the bank test of Jepsen.",
      kParams,
      check,
      validate};
  return kRow;
}

}  // namespace squall
