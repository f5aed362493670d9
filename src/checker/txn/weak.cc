// From inferred edges to a verdict, with the shortest cycle in words.
#include "checker/txn/weak.h"

#include <algorithm>
#include <array>

#include "checker/explain.h"
#include "checker/rows.h"
#include "checker/txn/commit_order.h"

namespace squall {
namespace {

constexpr std::size_t kBytesPerOperation = 120;

constexpr ParamSpec kUnwritten{"unwritten", ParamType::kChoice, "violation",
                               "a read of a value that nobody wrote: a violation, or a state from "
                               "before the history",
                               "violation|initial"};

// A cycle as a sentence.
class Words {
 public:
  Words(const Transactions& txns, const ReadsFrom& history, const Inference& inference,
        WeakModel model)
      : txns_(txns), history_(history), inference_(inference), model_(model) {}

  Witness witness(std::vector<CycleStep> cycle) {
    const auto first = std::find_if(cycle.begin(), cycle.end(), [](const CycleStep& step) {
      return step.link == Link::kInferred;
    });
    if (first != cycle.end()) std::rotate(cycle.begin(), first, cycle.end());
    Witness witness;
    for (std::size_t i = 0; i < cycle.size(); ++i) {
      // That nothing comes before the initial state goes without saying.
      if (cycle[i].from == history_.initial()) continue;
      const std::string text = words(cycle[i], witness);
      if (!witness.why.empty()) witness.why += i + 1 == cycle.size() ? ", yet " : ", ";
      witness.why += text;
      for (const TxnIndex txn : {cycle[i].from, cycle[i].to}) {
        if (txn != history_.initial()) witness.operations.push_back(txns_.operation_of(txn));
      }
    }
    std::sort(witness.operations.begin(), witness.operations.end());
    const auto last = std::unique(witness.operations.begin(), witness.operations.end());
    witness.operations.erase(last, witness.operations.end());
    return witness;
  }

 private:
  std::string words(const CycleStep& step, Witness& witness) const {
    const std::string from = txn_name(txns_, step.from);
    switch (step.link) {
      case Link::kInferred:
        return inferred(step, witness);
      case Link::kProcess:
        return txn_name(txns_, step.to) + " followed " + from + " in session " +
               std::to_string(txns_.sessions[txns_.session[step.to]].id);
      case Link::kRealtime:
        return txn_name(txns_, step.to) + " began after " + from + " had ended";
      case Link::kWr:
        return read(step);
      default:
        return txn_name(txns_, step.to) + " overwrote what " + from + " wrote";
    }
  }

  [[nodiscard]] std::string read(const CycleStep& step) const {
    for (const ReadFrom& read : history_.reads_of(step.to)) {
      if (read.from != step.from) continue;
      return txn_name(txns_, step.to) + " read " + value(step.from, read.key, true);
    }
    return txn_name(txns_, step.to) + " followed a read of " + txn_name(txns_, step.from);
  }

  [[nodiscard]] std::string inferred(const CycleStep& step, Witness& witness) const {
    for (const Inferred& edge : inference_.edges) {
      if (edge.earlier != step.from || edge.later != step.to) continue;
      witness.operations.push_back(txns_.operation_of(edge.reader));
      return txn_name(txns_, edge.reader) + " read " + value(step.to, edge.key, true) + " " +
             though(edge);
    }
    return txn_name(txns_, step.from) + " came before " + txn_name(txns_, step.to);
  }

  [[nodiscard]] std::string though(const Inferred& edge) const {
    const std::string known =
        txn_name(txns_, edge.earlier) + "'s " + value(edge.earlier, edge.key, false);
    switch (model_) {
      case WeakModel::kReadCommitted:
        return "after it had read from " + txn_name(txns_, edge.earlier) + ", which wrote " +
               value(edge.earlier, edge.key, false);
      case WeakModel::kReadAtomic:
        return "although it had to see all of " + txn_name(txns_, edge.earlier) + ", which wrote " +
               value(edge.earlier, edge.key, false);
      case WeakModel::kCausal:
        return "although " + known + " happened before it";
      case WeakModel::kReadYourWrites:
        return "after its own session had written " + value(edge.earlier, edge.key, false) +
               " in " + txn_name(txns_, edge.earlier);
      case WeakModel::kMonotonicReads:
        return "after its session had read " + known;
      case WeakModel::kMonotonicWrites:
        return "together with a write that followed " + known + " in a session";
      case WeakModel::kWritesFollowReads:
        return "together with a write that followed a read of " + known;
    }
    return "";
  }

  // "x = 1 of T4"
  [[nodiscard]] std::string value(TxnIndex txn, TxnKey key, bool is_named) const {
    const std::string name = txns_.names.key_name(key);
    if (txn == history_.initial()) return name + " as it was before any write";
    TxnValue written = kTxnNil;
    for (const MicroOp& op : txns_.at(txn)) {
      const bool is_write = op.kind() == MicroKind::kWrite || op.kind() == MicroKind::kAppend;
      if (is_write && op.key() == key) written = op.value;
    }
    return name + " = " + txns_.names.value_name(written) +
           (is_named ? " of " + txn_name(txns_, txn) : "");
  }

  const Transactions& txns_;
  const ReadsFrom& history_;
  const Inference& inference_;
  WeakModel model_;
};

Verdict unknown(const std::string& why) {
  Verdict verdict;
  verdict.summary = why;
  return verdict;
}

std::size_t reads_in(const ReadsFrom& history) {
  std::size_t seen = 0;
  for (const ReadFrom& read : history.reads) seen += read.from != history.initial() ? 1U : 0U;
  return seen;
}

std::vector<Witness> broken_reads(const Transactions& txns, const ReadsFrom& history,
                                  WeakModel model) {
  std::vector<Witness> witnesses;
  for (const Anomaly& anomaly : history.broken.found()) {
    // The guarantees of sessions say nothing about aborted and unfinished transactions.
    const bool is_own = anomaly.name == "internal";
    if (is_guarantee(model) && !(is_own && model == WeakModel::kReadYourWrites)) continue;
    Witness witness{{}, anomaly.why + " (" + anomaly.name + ")"};
    for (const TxnIndex txn : anomaly.transactions) {
      witness.operations.push_back(txns.operation_of(txn));
    }
    std::sort(witness.operations.begin(), witness.operations.end());
    witnesses.push_back(std::move(witness));
  }
  return witnesses;
}

}  // namespace

std::span<const ParamSpec> weak_params() {
  static const ParamSpec kParams[] = {kClientParam, kUnwritten};
  return kParams;
}

std::span<const ParamSpec> guarantee_params() {
  static const ParamSpec kParams[] = {
      kClientParam,
      kUnwritten,
      {"order", ParamType::kChoice, "session",
       "what is known of the order of a key's writes: that of each session; of all that did not "
       "overlap; or that values are whole numbers that grow",
       "session|realtime|value"}};
  return kParams;
}

Verdict check_weak(const CheckInput& input, WeakModel model, std::string_view name) {
  Transactions own;
  const Transactions& txns = operations_in(input, own);
  if (txns.ops.size() * kBytesPerOperation > input.budget.memory) {
    return unknown("memory: " + std::to_string(txns.ops.size()) + " operations need " +
                   std::to_string(txns.ops.size() * kBytesPerOperation >> 20U) +
                   " MiB, over the limit of " + std::to_string(input.budget.memory >> 20U) +
                   " MiB; nothing was checked");
  }
  const ReadsFrom history = reads_from(txns, input.params.text("unwritten") == "violation");
  std::vector<Witness> witnesses = broken_reads(txns, history, model);
  const Inference inference = infer(txns, history, model, input.budget);
  CommitOrder order(txns, history, inference, model);
  is_guarantee(model) ? order.add_orders(input.params.text("order")) : order.add_transactional();
  order.add_inferred();
  std::uint64_t components = 0;
  std::vector<CycleStep> cycle = order.cycle(components);
  for (CycleStep& step : cycle) {
    step.from = order.txn_of(step.from);
    step.to = order.txn_of(step.to);
  }
  if (!cycle.empty()) {
    witnesses.push_back(Words(txns, history, inference, model).witness(std::move(cycle)));
  }
  const std::size_t seen = reads_in(history);
  const bool is_seen = !witnesses.empty() || !history.reads.empty();
  Verdict verdict =
      conclude(is_seen ? history.examined : 0, std::move(witnesses),
               counted(history.examined, "transaction") + " with " + counted(seen, "read") +
                   " of others' writes are " + std::string(name),
               "nobody read what another one wrote: nothing was proven");
  if (verdict.answer == Answer::kViolated) {
    verdict.summary = "not " + std::string(name) + ": " + verdict.summary;
  } else if (!inference.exhausted.empty() && history.examined > 0) {
    verdict.answer = Answer::kUnknown;
    verdict.summary = inference.exhausted + ": not all of " +
                      counted(history.examined, "transaction") + " were looked at";
  } else if (!history.gap.empty() && verdict.answer == Answer::kValid) {
    verdict.answer = Answer::kUnknown;
    verdict.summary = history.gap + ", so that nobody can tell them apart";
  }
  verdict.facts = {{"transactions", std::to_string(txns.size())},
                   {"sessions", std::to_string(history.sessions.size())},
                   {"reads of others' writes", std::to_string(seen)},
                   {"inferred orders", std::to_string(inference.edges.size())},
                   {"contradictions", std::to_string(components)}};
  return verdict;
}

}  // namespace squall
