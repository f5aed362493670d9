// From anomalies to a verdict: which models they rule out, and what that means for the one asked
// for.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/checker.h"
#include "checker/txn/cycles.h"
#include "checker/txn/models.h"
#include "history/transactions.h"

namespace squall {

// All of one name: how many, and the first in full.
struct Anomaly {
  std::string name;
  std::uint64_t count = 0;
  std::vector<TxnIndex> transactions;
  std::string why;
};

class Anomalies {
 public:
  // `why` is called for the first of its name only.
  void add(std::string_view name, const std::function<Anomaly()>& first);
  void add(Anomaly anomaly) { found_.push_back(std::move(anomaly)); }
  [[nodiscard]] const std::vector<Anomaly>& found() const { return found_; }

 private:
  std::vector<Anomaly> found_;
};

struct Case {
  const CheckInput& input;
  const Transactions& txns;
  std::size_t model = 0;            // in isolation_models()
  std::string anomaly{};            // asked for instead of the model; "" if none is
  Anomalies anomalies{};            // cycles included
  std::uint64_t examined = 0;       // transactions that took effect
  std::uint64_t dependencies = 0;   // edges that rest on what was read and written
  std::vector<std::string> gaps{};  // what keeps a clean bill from being one
  std::vector<std::pair<std::string, std::string>> facts{};
};
[[nodiscard]] Verdict judge(const Case& at_hand);
// Whether the parameter "anomaly" names one.
[[nodiscard]] Result<> validate_anomaly(const Params& params);

// The recording's transactions, or those of its history, which `own` then holds.
[[nodiscard]] const Transactions& transactions_in(const CheckInput& input, Transactions& own);

[[nodiscard]] std::string txn_name(const Transactions& txns, TxnIndex txn);  // "T812"
// A cycle in words; `because` explains a step that rests on data: "T3 appended 5 to x after T1's
// 4".
[[nodiscard]] Anomaly told(const Transactions& txns, const CycleAnomaly& cycle,
                           const std::function<std::string(const CycleStep&)>& because);
// "[1,2,3]", long ones with the middle left out.
[[nodiscard]] std::string list_text(const Transactions& txns, std::span<const TxnValue> list);

}  // namespace squall
