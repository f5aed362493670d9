// rw-register: which isolation models transactions that write and read registers rule out.
#include "checker/rows.h"
#include "checker/txn/register_versions.h"

namespace squall {
namespace {

constexpr std::size_t kBytesPerOperation = 80;

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
       {}},
      {"initial-state",
       ParamType::kBoolean,
       "true",
       "nil is what every register holds before the first write",
       {}},
      {"wfr-keys",
       ParamType::kBoolean,
       "true",
       "a transaction that reads a key and then writes it replaces what it read",
       {}},
      {"sequential-keys",
       ParamType::kBoolean,
       "false",
       "every key by itself is sequentially consistent, which orders its values by session",
       {}},
      {"linearizable-keys",
       ParamType::kBoolean,
       "false",
       "every key by itself is linearizable, which orders its values by time",
       {}},
      {"unwritten", ParamType::kChoice, "initial",
       "a read of a value that nobody wrote: a state from before the history, or a violation",
       "initial|violation"}};
  return kParams;
}

void add_gaps(const RegisterVersions& versions, Case& at_hand) {
  if (versions.ambiguous > 0) {
    at_hand.gaps.push_back(versions.ambiguous_example + ", so that nobody can tell them apart");
  }
  const std::string_view model = isolation_models()[at_hand.model];
  const bool needs_clock = model.starts_with("strong-") && !model.starts_with("strong-session-");
  if (needs_clock && !at_hand.txns.has_times()) {
    at_hand.gaps.emplace_back("the transactions carry no times");
  }
}

Verdict too_large(const Transactions& txns, const Budget& budget) {
  Verdict verdict;
  verdict.summary = "memory: " + std::to_string(txns.size()) + " transactions need " +
                    std::to_string(txns.ops.size() * kBytesPerOperation >> 20U) +
                    " MiB, over the limit of " + std::to_string(budget.memory >> 20U) +
                    " MiB; nothing was checked";
  return verdict;
}

Verdict check(const CheckInput& input) {
  Transactions own;
  const Transactions& txns = transactions_in(input, own);
  if (txns.ops.size() * kBytesPerOperation > input.budget.memory) {
    return too_large(txns, input.budget);
  }
  Case at_hand{input, txns, *find_isolation_model(input.params.text("model")),
               input.params.text("anomaly")};
  const RegisterVersions versions = register_versions(txns);
  const bool forbid_unwritten = input.params.text("unwritten") == "violation";
  register_anomalies(txns, versions, forbid_unwritten, at_hand.anomalies);
  const RegisterOptions options{.initial_state = input.params.boolean("initial-state"),
                                .wfr_keys = input.params.boolean("wfr-keys"),
                                .sequential_keys = input.params.boolean("sequential-keys"),
                                .linearizable_keys = input.params.boolean("linearizable-keys")};
  const std::vector<VersionStep> steps = version_steps(txns, versions, options, at_hand.anomalies);
  GraphBuilder builder(txns.size());
  add_register_dependencies(txns, versions, steps, builder);
  at_hand.dependencies = builder.edges();
  add_process_order(txns, versions.is_node, builder);
  add_realtime_order(txns, versions.is_node, builder);
  for (const char is_node : versions.is_node) at_hand.examined += is_node != 0 ? 1 : 0;
  const CycleReport report = find_cycles(builder.build(), input.budget);
  for (const CycleAnomaly& cycle : report.found) {
    at_hand.anomalies.add(told(txns, cycle, [&](const CycleStep& step) {
      return because_of_registers(txns, versions, steps, step);
    }));
  }
  add_gaps(versions, at_hand);
  if (!report.is_complete) {
    at_hand.gaps.push_back("steps: the search for cycles ended after " +
                           std::to_string(report.steps));
  }
  at_hand.facts = {{"values of unknown origin", std::to_string(versions.unwritten)},
                   {"known version steps", std::to_string(steps.size())}};
  return judge(at_hand);
}

}  // namespace

const CheckerRow& rw_register_row() {
  static const CheckerRow kRow{
      "rw-register",
      "transactions that write and read registers keep an isolation model",
      "Operations are named txn and hold micro-operations [\"w\",key,value] and "
      "[\"r\",key,value], each value written once per key. A read names its writer; in which order "
      "values replaced each other is inferred, from the initial state (nil), from transactions "
      "that read a key and then write it, and, if the keys are promised to be sequential or "
      "linearizable by themselves, from sessions or times. The rest is as in list-append, with "
      "cyclic-versions for a key whose inferred order bites its tail. What cannot be inferred is "
      "not held against the store, so that a clean bill means less than one of list-append; "
      "read-committed, read-atomic and causal decide their models without any inference. "
      "Sources: Adya 1999; Kingsbury and Alvaro, VLDB 2020.",
      params(),
      check,
      validate_anomaly};
  return kRow;
}

}  // namespace squall
