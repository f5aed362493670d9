// prediction-parity: one version of a model gives the same outputs for the same input everywhere.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "checker/explain.h"
#include "checker/inference_replies.h"
#include "checker/rows.h"

namespace squall {
namespace {

constexpr std::size_t kMaxWitnesses = 10;

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"tolerance",
     ParamType::kNumber,
     "0.0001",
     "how far two outputs may be apart, absolute; outputs are recorded in millionths",
     {}},
};

// The same question to the same model.
using Question = std::tuple<ValueId, std::string, std::int64_t>;  // model, version, input

struct Difference {
  const InferenceOp* low = nullptr;
  const InferenceOp* high = nullptr;
  std::size_t output = 0;        // which one
  double size = 0;               // in millionths
  bool is_about_length = false;  // another number of outputs
};

double distance(std::int64_t a, std::int64_t b) {
  return std::abs(static_cast<double>(a) - static_cast<double>(b));
}

// The pair that is furthest apart in any one output; O(replies).
Difference largest_difference(const std::vector<const InferenceOp*>& replies) {
  Difference worst;
  const InferenceOp& first = *replies.front();
  std::vector<const InferenceOp*> lowest(first.reply.outputs.size(), &first);
  std::vector<const InferenceOp*> highest = lowest;
  for (const InferenceOp* op : replies) {
    if (op->reply.outputs.size() != lowest.size()) return {&first, op, 0, 0, true};
    for (std::size_t i = 0; i < lowest.size(); ++i) {
      const std::int64_t output = op->reply.outputs[i];
      if (output < lowest[i]->reply.outputs[i]) lowest[i] = op;
      if (output > highest[i]->reply.outputs[i]) highest[i] = op;
    }
  }
  for (std::size_t i = 0; i < lowest.size(); ++i) {
    const double size = distance(lowest[i]->reply.outputs[i], highest[i]->reply.outputs[i]);
    if (size > worst.size) worst = {lowest[i], highest[i], i, size, false};
  }
  return worst;
}

std::string decimal(std::int64_t millionths) {
  std::string text = std::to_string(static_cast<double>(millionths) / kOutputScale);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string where(const InferenceOp& op) {
  const std::string replica = op.reply.replica.empty() ? "a replica" : op.reply.replica;
  return replica + " (" + operation_name(op.op) + ")";
}

Witness explain(const Question& question, const Difference& difference) {
  const auto& [model, version, input] = question;
  const InferenceOp& a = *difference.low;
  const InferenceOp& b = *difference.high;
  Witness witness{{std::min(a.op, b.op), std::max(a.op, b.op)},
                  "version " + version + ", input " + std::to_string(input) + ": " + where(a)};
  if (difference.is_about_length) {
    witness.why += " gave " + counted(a.reply.outputs.size(), "output") + ", " + where(b) +
                   " gave " + std::to_string(b.reply.outputs.size());
  } else {
    witness.why += " gave " + decimal(a.reply.outputs[difference.output]) + " as output " +
                   std::to_string(difference.output + 1) + ", " + where(b) + " gave " +
                   decimal(b.reply.outputs[difference.output]);
  }
  return witness;
}

struct Group {
  Question question;
  Difference difference;
};

struct Comparison {
  std::uint64_t compared = 0;  // replies that had another to compare with
  std::uint64_t questions = 0;
  std::uint64_t on_replicas = 0;  // questions that two replicas or more answered
  double largest = 0;             // in millionths
  std::vector<Group> offences;    // the worst first
};

Comparison compare(const History& history, const std::vector<InferenceOp>& replies,
                   double tolerance) {
  std::map<Question, std::vector<const InferenceOp*>> groups;
  for (const InferenceOp& op : replies) {
    if (op.reply.version.empty()) continue;
    groups[{history.key()[op.op], op.reply.version, op.request.input}].push_back(&op);
  }
  Comparison comparison;
  comparison.questions = groups.size();
  for (const auto& [question, ops] : groups) {
    if (ops.size() < 2) continue;
    std::set<std::string_view> replicas;
    for (const InferenceOp* op : ops) replicas.insert(op->reply.replica);
    comparison.compared += ops.size();
    comparison.on_replicas += replicas.size() > 1 ? 1U : 0U;
    const Difference difference = largest_difference(ops);
    comparison.largest = std::max(comparison.largest, difference.size);
    if (difference.is_about_length || difference.size > tolerance) {
      comparison.offences.push_back({question, difference});
    }
  }
  std::stable_sort(comparison.offences.begin(), comparison.offences.end(),
                   [](const Group& a, const Group& b) {
                     if (a.difference.is_about_length != b.difference.is_about_length) {
                       return a.difference.is_about_length;
                     }
                     return a.difference.size > b.difference.size;
                   });
  return comparison;
}

Verdict conclude_on(const CheckInput& input, const Comparison& comparison) {
  std::vector<Witness> witnesses;
  for (std::size_t i = 0; i < std::min(comparison.offences.size(), kMaxWitnesses); ++i) {
    witnesses.push_back(
        explain(comparison.offences[i].question, comparison.offences[i].difference));
  }
  const bool is_violated = !witnesses.empty();
  const std::string largest = decimal(static_cast<std::int64_t>(comparison.largest));
  Verdict verdict =
      conclude(comparison.compared, std::move(witnesses),
               counted(comparison.on_replicas, "question") +
                   " answered alike by two or more replicas (largest difference: " + largest + ")",
               "no version was asked the same input twice");
  if (is_violated) {
    const Window window = window_of(input.recording.history, verdict.witnesses.front());
    verdict.summary = std::to_string(comparison.offences.size()) + " of " +
                      counted(comparison.questions, "question") +
                      " answered differently: " + verdict.witnesses.front().why +
                      while_faults(input.recording, window.from, window.to);
  } else if (comparison.compared > 0 && comparison.on_replicas == 0) {
    verdict.answer = Answer::kUnknown;
    verdict.summary = "no version was asked the same input on two replicas (" +
                      counted(comparison.compared, "answer") + " compared with themselves)";
  }
  verdict.facts = {{"questions (version and input)", std::to_string(comparison.questions)},
                   {"answered by two or more replicas", std::to_string(comparison.on_replicas)},
                   {"answered differently", std::to_string(comparison.offences.size())},
                   {"largest difference", largest}};
  return verdict;
}

Verdict check(const CheckInput& input) {
  const History& history = input.recording.history;
  const std::vector<InferenceOp> replies = inference_replies(history, input.params.text("client"));
  const double tolerance = std::round(input.params.number("tolerance") * kOutputScale);
  return conclude_on(input, compare(history, replies, tolerance));
}

Result<> validate(const Params& params) {
  if (params.number("tolerance") >= 0) return {};
  return Error{Errc::kInvalid, "'tolerance' must not be negative"};
}

}  // namespace

const CheckerRow& prediction_parity_row() {
  static const CheckerRow kRow{
      "prediction-parity",
      "a model version gives the same outputs for the same input everywhere",
      "Groups the replies of inference calls by model, version and input vector. Within a group "
      "every output must be the same up to 'tolerance', on every replica and at any time: what "
      "differs was computed from other weights, by another build, or for another row of the batch. "
      "The witness is the pair that is furthest apart, for each question the worst. The answer is "
      "unknown unless at least one question was answered by two replicas; the facts say how many "
      "were. Replies that do not say their version are left out. O(n log n).",
      kParams,
      check,
      validate};
  return kRow;
}

}  // namespace squall
