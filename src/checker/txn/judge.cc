// The words of a verdict on transactions.
#include "checker/txn/judge.h"

#include <algorithm>

#include "base/nearest.h"
#include "checker/explain.h"

namespace squall {
namespace {

constexpr std::size_t kMaxShown = 8;  // items of a list

std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text.empty() ? "none" : text;
}

std::string asked(const Case& at_hand) {
  return at_hand.anomaly.empty() ? std::string(isolation_models()[at_hand.model]) : at_hand.anomaly;
}

// G1 is any of G1a, G1b and G1c; G2 is any cycle with an rw edge.  Variants by session or clock
// must be asked for.
bool is_of_kind(std::string_view found, std::string_view wanted) {
  for (const std::string_view variant : {"-process", "-realtime"}) {
    if (found.ends_with(variant) && !wanted.ends_with(variant)) return false;
  }
  if (wanted == "G2" && found.starts_with("G-")) return true;
  return found.starts_with(wanted);
}

bool is_relevant(const Case& at_hand, const Anomaly& anomaly) {
  if (!at_hand.anomaly.empty()) return is_of_kind(anomaly.name, at_hand.anomaly);
  return (ruled_out_by(anomaly.name) >> at_hand.model & 1U) != 0;
}

Witness witness_of(const Case& at_hand, const Anomaly& anomaly) {
  Witness witness;
  for (const TxnIndex txn : anomaly.transactions) {
    witness.operations.push_back(at_hand.txns.operation_of(txn));
  }
  std::sort(witness.operations.begin(), witness.operations.end());
  const auto last = std::unique(witness.operations.begin(), witness.operations.end());
  witness.operations.erase(last, witness.operations.end());
  witness.why = anomaly.why + " (" + anomaly.name + ")";
  return witness;
}

std::string faults_at(const Case& at_hand, const Anomaly& anomaly) {
  const Transactions& txns = at_hand.txns;
  if (txns.sent.empty() || anomaly.transactions.empty()) return "";
  std::int64_t from = kNever;
  std::int64_t to = 0;
  for (const TxnIndex txn : anomaly.transactions) {
    from = std::min(from, txns.sent[txn]);
    to = std::max(to, txns.completed[txn] == kNever ? txns.sent[txn] : txns.completed[txn]);
  }
  return while_faults(at_hand.input.recording, from, to);
}

void violated(const Case& at_hand, std::vector<const Anomaly*> relevant, Verdict& verdict) {
  verdict.answer = Answer::kViolated;
  // What rules out most comes first.
  std::stable_sort(relevant.begin(), relevant.end(), [](const Anomaly* a, const Anomaly* b) {
    return __builtin_popcountll(ruled_out_by(a->name)) >
           __builtin_popcountll(ruled_out_by(b->name));
  });
  std::uint64_t count = 0;
  for (const Anomaly* anomaly : relevant) {
    verdict.witnesses.push_back(witness_of(at_hand, *anomaly));
    count += anomaly->count;
  }
  verdict.summary = (at_hand.anomaly.empty() ? "not " : "") + asked(at_hand) + ": " +
                    verdict.witnesses.front().why + faults_at(at_hand, *relevant.front());
  if (count > 1) verdict.summary += "; " + counted(count - 1, "more anomaly");
  const std::string wrong = "more anomalys";
  const std::size_t at = verdict.summary.rfind(wrong);
  if (at != std::string::npos) verdict.summary.replace(at, wrong.size(), "more anomalies");
}

void not_violated(const Case& at_hand, Verdict& verdict) {
  const std::string model = asked(at_hand);
  if (at_hand.examined == 0) {
    verdict.summary = "no transaction took effect";
    return;
  }
  if (!at_hand.gaps.empty()) {
    verdict.summary = at_hand.gaps.front() + (at_hand.anomaly.empty()
                                                  ? ": whether " + model + " holds is open"
                                                  : ": whether there is " + model + " is open");
    return;
  }
  if (at_hand.dependencies == 0) {
    verdict.summary = "no transaction of " + std::to_string(at_hand.examined) +
                      " saw or overwrote another's: nothing was proven";
    return;
  }
  verdict.answer = Answer::kValid;
  verdict.summary = counted(at_hand.examined, "transaction") +
                    (at_hand.anomaly.empty() ? ", nothing rules out " : ", no ") + model;
}

}  // namespace

void Anomalies::add(std::string_view name, const std::function<Anomaly()>& first) {
  for (Anomaly& known : found_) {
    if (known.name != name) continue;
    ++known.count;
    return;
  }
  Anomaly anomaly = first();
  anomaly.name = name;
  anomaly.count = 1;
  found_.push_back(std::move(anomaly));
}

Verdict judge(const Case& at_hand) {
  Verdict verdict;
  verdict.examined = at_hand.examined;
  ModelSet out = 0;
  std::vector<const Anomaly*> relevant;
  std::string names;
  for (const Anomaly& anomaly : at_hand.anomalies.found()) {
    const ModelSet ruled_out = ruled_out_by(anomaly.name);
    out |= ruled_out;
    if (is_relevant(at_hand, anomaly)) relevant.push_back(&anomaly);
    names += (names.empty() ? "" : ", ") + anomaly.name + " " + std::to_string(anomaly.count);
  }
  if (relevant.empty()) {
    not_violated(at_hand, verdict);
  } else {
    violated(at_hand, std::move(relevant), verdict);
  }
  verdict.facts = {{"transactions", std::to_string(at_hand.txns.size())},
                   {"dependencies", std::to_string(at_hand.dependencies)},
                   {"anomalies", names.empty() ? "none" : names},
                   {"ruled out", joined(weakest(out))},
                   {"remaining", joined(strongest(all_models() & ~out))}};
  verdict.facts.insert(verdict.facts.end(), at_hand.facts.begin(), at_hand.facts.end());
  return verdict;
}

Result<> validate_anomaly(const Params& params) {
  const std::string& wanted = params.text("anomaly");
  if (wanted.empty()) return {};
  std::vector<std::string> names = {"G1", "G2", "G-single", "G-nonadjacent"};
  for (const std::string_view name : anomaly_names()) names.emplace_back(name);
  if (std::find(names.begin(), names.end(), wanted) != names.end()) return {};
  return Error{Errc::kInvalid, "there is no anomaly '" + wanted + "'" + suggestion(wanted, names)};
}

const Transactions& transactions_in(const CheckInput& input, Transactions& own) {
  if (input.recording.transactions) return *input.recording.transactions;
  own = transactions_of(input.recording.history, input.params.text("client"));
  return own;
}

std::string txn_name(const Transactions& txns, TxnIndex txn) {
  return "T" + std::to_string(txns.operation_of(txn));
}

Anomaly told(const Transactions& txns, const CycleAnomaly& cycle,
             const std::function<std::string(const CycleStep&)>& because) {
  Anomaly anomaly{cycle.name, cycle.count, {}, ""};
  for (std::size_t i = 0; i < cycle.cycle.size(); ++i) {
    const CycleStep& step = cycle.cycle[i];
    anomaly.transactions.push_back(step.from);
    const bool is_last = i + 1 == cycle.cycle.size();
    if (i > 0) anomaly.why += is_last ? ", yet " : ", ";
    if (step.link == Link::kProcess) {
      const std::int64_t session = txns.sessions[txns.session[step.to]].id;
      anomaly.why += txn_name(txns, step.to) + " followed " + txn_name(txns, step.from) +
                     " in session " + std::to_string(session);
    } else if (step.link == Link::kRealtime) {
      anomaly.why +=
          txn_name(txns, step.to) + " began after " + txn_name(txns, step.from) + " had ended";
    } else {
      anomaly.why += because(step);
    }
  }
  return anomaly;
}

std::string list_text(const Transactions& txns, std::span<const TxnValue> list) {
  std::string text = "[";
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list.size() > kMaxShown && i == kMaxShown / 2) {
      text += ",…";
      i = list.size() - kMaxShown / 2;
    }
    text += (i == 0 ? "" : ",") + txns.names.value_name(list[i]);
  }
  return text + "]";
}

}  // namespace squall
