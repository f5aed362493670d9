// A verdict and its recording → what the page shows of them.
#include <algorithm>

#include "report/check_page.h"
#include "report/page_parts.h"

namespace squall {
namespace {

// The transaction that a checker means by an operation's number; its index, or none.
std::optional<TxnIndex> transaction_of(const Transactions& transactions, OpIndex op) {
  if (transactions.operation.empty()) {
    if (op < transactions.size()) return op;
    return std::nullopt;
  }
  const auto& numbers = transactions.operation;
  const auto place = std::find(numbers.begin(), numbers.end(), op);
  if (place == numbers.end()) return std::nullopt;
  return static_cast<TxnIndex>(place - numbers.begin());
}

std::string text_of(const Transactions& transactions, TxnIndex txn) {
  std::string text = "T" + std::to_string(txn) + " [";
  for (const MicroOp& op : transactions.at(txn)) {
    const std::string key = transactions.names.key_name(op.key());
    if (text.back() != '[') text += ", ";
    switch (op.kind()) {
      case MicroKind::kWrite:
      case MicroKind::kAppend:
        text += op.kind() == MicroKind::kWrite ? "w " : "append ";
        text += key + " " + transactions.names.value_name(op.value);
        break;
      case MicroKind::kRead:
        text += "r " + key + " ";
        text += op.value == kTxnUnseen ? "?" : transactions.names.value_name(op.value);
        break;
      case MicroKind::kListRead:
      case MicroKind::kOddRead: {
        text += "r " + key + " (";
        for (const TxnValue value : transactions.list(op)) {
          if (text.back() != '(') text += ' ';
          text += transactions.names.value_name(value);
          if (text.size() > kMaxSentence) break;
        }
        text += ')';
      }
    }
    if (text.size() > kMaxSentence) break;
  }
  return text + "]";
}

std::optional<PageBar> bar_of(const Recording& recording, OpIndex index) {
  const History& history = recording.history;
  if (index < history.size()) {
    const Operation op = history.at(index);
    const Process& process = history.processes()[op.process];
    return PageBar{.lane = "process " + std::to_string(process.id),
                   .label = clip(history.describe(index), kMaxLogText),
                   .outcome = op.outcome,
                   .from = op.sent,
                   .to = op.completed};
  }
  if (!recording.transactions) return std::nullopt;
  const Transactions& transactions = *recording.transactions;
  const std::optional<TxnIndex> txn = transaction_of(transactions, index);
  if (!txn) return std::nullopt;
  const bool has_times = !transactions.sent.empty();
  return PageBar{
      .lane = "session " + std::to_string(transactions.sessions[transactions.session[*txn]].id),
      .label = clip(text_of(transactions, *txn), kMaxLogText),
      .outcome = transactions.outcome[*txn],
      .from = has_times ? transactions.sent[*txn] : std::int64_t{*txn} * 2,
      .to = has_times ? transactions.completed[*txn] : std::int64_t{*txn} * 2 + 1};
}

PageWitness witness_of(const Witness& witness, const Recording& recording) {
  PageWitness shown{.why = clip(witness.why, 4 * kMaxSentence), .bars = {}, .bands = {}};
  std::int64_t first = kNever;
  std::int64_t last = 0;
  for (const OpIndex op : witness.operations) {
    if (shown.bars.size() == kMaxPageWitnessOperations) break;
    const std::optional<PageBar> bar = bar_of(recording, op);
    if (!bar) continue;
    first = std::min(first, bar->from);
    last = std::max(last, bar->to == kNever ? bar->from : bar->to);
    shown.bars.push_back(*bar);
  }
  shown.left_out = witness.operations.size() - shown.bars.size();
  for (const FaultInterval& fault : recording.faults) {
    if (fault.start > last || fault.end < first || shown.bands.size() == 8) continue;
    shown.bands.push_back({.label = clip(fault.kind + " " + fault.targets, kMaxShortText),
                           .from = fault.start,
                           .to = fault.end});
  }
  return shown;
}

}  // namespace

PageVerdict page_verdict(const std::string& file, const CheckRequest& request,
                         const Verdict& verdict, const Recording& recording) {
  PageVerdict shown{.file = clip(file, kMaxLogText),
                    .check = clip(request.to_text(), kMaxLogText),
                    .answer = verdict.answer,
                    .examined = verdict.examined,
                    .summary = clip(verdict.summary, 4 * kMaxSentence),
                    .facts = {},
                    .witnesses = {}};
  for (const auto& [name, value] : verdict.facts) {
    shown.facts.emplace_back(clip(name, kMaxShortText), clip(value, kMaxSentence));
  }
  const std::size_t count = std::min(verdict.witnesses.size(), kMaxPageWitnesses);
  for (std::size_t i = 0; i < count; ++i) {
    shown.witnesses.push_back(witness_of(verdict.witnesses[i], recording));
  }
  shown.left_out = verdict.witnesses.size() - count;
  return shown;
}

}  // namespace squall
