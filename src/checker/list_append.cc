// list-append: which isolation models transactions that append to lists and read them rule out.
#include "checker/rows.h"
#include "checker/txn/list_graph.h"

namespace squall {
namespace {

constexpr std::size_t kBytesPerEdge = 16;
constexpr std::size_t kBytesPerNode = 48;

const std::string& choices() {
  static const std::string kChoices = model_choices();
  return kChoices;
}

std::span<const ParamSpec> params() {
  static const ParamSpec kParams[] = {
      kClientParam,
      {"model", ParamType::kChoice, "strict-serializable",
       "the isolation model that is promised; what else is ruled out is told, too", choices()},
      {"anomaly",
       ParamType::kText,
       "",
       "look for this one only, whatever the model: G0, G1, G1a, …, or G2 with all of its kinds",
       {}}};
  return kParams;
}

std::uint64_t bytes_needed(const Transactions& txns) {
  return txns.size() * kBytesPerNode + txns.ops.size() * kBytesPerEdge +
         (txns.versions.size() + txns.size() * 3) * kBytesPerEdge;
}

void add_gaps(const Transactions& txns, const ListVersions& versions, Case& at_hand) {
  if (versions.ambiguous > 0) {
    at_hand.gaps.push_back(versions.ambiguous_example + ", so that nobody can tell them apart");
  }
  const std::string_view model = isolation_models()[at_hand.model];
  const bool needs_clock = model.starts_with("strong-") && !model.starts_with("strong-session-");
  if (needs_clock && !txns.has_times()) {
    at_hand.gaps.emplace_back("the transactions carry no times");
  }
}

Verdict check(const CheckInput& input) {
  Transactions own;
  const Transactions& txns = transactions_in(input, own);
  Case at_hand{input, txns, *find_isolation_model(input.params.text("model")),
               input.params.text("anomaly")};
  if (bytes_needed(txns) > input.budget.memory) {
    Verdict verdict;
    verdict.summary = "memory: " + std::to_string(txns.size()) + " transactions need " +
                      std::to_string(bytes_needed(txns) >> 20U) + " MiB, over the limit of " +
                      std::to_string(input.budget.memory >> 20U) + " MiB; nothing was checked";
    return verdict;
  }
  const ListVersions versions = list_versions(txns, at_hand.anomalies);
  read_anomalies(txns, versions, at_hand.anomalies);
  GraphBuilder builder(txns.size());
  builder.reserve(txns.ops.size() + txns.versions.size() + 3 * txns.size());
  add_list_dependencies(txns, versions, builder);
  at_hand.dependencies = builder.edges();
  add_process_order(txns, versions.is_node, builder);
  add_realtime_order(txns, versions.is_node, builder);
  for (const char is_node : versions.is_node) at_hand.examined += is_node != 0 ? 1 : 0;
  const CycleReport report = find_cycles(builder.build(), input.budget);
  for (const CycleAnomaly& cycle : report.found) {
    at_hand.anomalies.add(told(txns, cycle, [&](const CycleStep& step) {
      return because_of_lists(txns, versions, step);
    }));
  }
  add_gaps(txns, versions, at_hand);
  if (!report.is_complete) {
    at_hand.gaps.push_back("steps: the search for cycles ended after " +
                           std::to_string(report.steps));
  }
  return judge(at_hand);
}

}  // namespace

const CheckerRow& list_append_row() {
  static const CheckerRow kRow{
      "list-append",
      "transactions that append to lists and read them keep an isolation model",
      "Operations are named txn and hold micro-operations [\"append\",key,element] and "
      "[\"r\",key,list], each element appended once per key. A list that was read is the order in "
      "which its elements were appended, so that every dependency between transactions is known: "
      "who overwrote (ww), saw (wr) or missed (rw) whose append, and what sessions and clocks add. "
      "Anomalies are named after Adya and Elle: G0, G1a, G1b, G1c, G-single-item, "
      "G-nonadjacent-item, G2-item, the cycles each with -process and -realtime, internal, "
      "future-read, dirty-update, lost-update, incompatible-order, duplicate-elements, and "
      "unwritten-read for an element of nobody. Cycles are classified by strongly connected "
      "components, in full and without a time limit; the witness is the shortest cycle. The facts "
      "name the weakest models that are ruled out and the strongest that remain. Transactions of "
      "unknown outcome count if somebody saw what they wrote. O(n log n) for histories with few "
      "anomalies. Sources: Adya 1999; Kingsbury and Alvaro, VLDB 2020.",
      params(),
      check,
      validate_anomaly};
  return kRow;
}

}  // namespace squall
