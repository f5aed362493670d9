// response-identity: a reply answers the request it came back to, and not somebody else's.
#include <map>
#include <optional>

#include "checker/explain.h"
#include "checker/inference_replies.h"
#include "checker/rows.h"

namespace squall {
namespace {

constexpr std::size_t kMaxWitnesses = 10;

constexpr ParamSpec kParams[] = {kClientParam};

// Whose request an echoed id is, also of those that never got an answer.
std::map<std::string, OpIndex> owners(const History& history) {
  std::map<std::string, OpIndex> by_id;
  for (OpIndex op = 0; op < history.size(); ++op) {
    const std::optional<InferenceCall> call = inference_call(history, op);
    if (call) by_id.emplace(call->request.id, op);
  }
  return by_id;
}

bool is_own(const InferenceOp& op) {
  return op.reply.id == op.request.id && op.reply.nonce == op.request.nonce;
}

std::string identity(const std::string& id, std::int64_t nonce) {
  return (id.empty() ? "no id" : "id " + id) + " and nonce " + std::to_string(nonce);
}

Witness explain(const History& history, const InferenceOp& op,
                const std::map<std::string, OpIndex>& by_id) {
  Witness witness{{op.op},
                  process_name(history, op.op) + " asked with " +
                      identity(op.request.id, op.request.nonce) + " (" + operation_name(op.op) +
                      ") and got " + identity(op.reply.id, op.reply.nonce)};
  const auto owner = by_id.find(op.reply.id);
  if (op.reply.id == op.request.id || owner == by_id.end()) return witness;
  witness.operations = {std::min(op.op, owner->second), std::max(op.op, owner->second)};
  witness.why +=
      ", those of " + operation_name(owner->second) + " of " + process_name(history, owner->second);
  return witness;
}

Verdict check(const CheckInput& input) {
  const History& history = input.recording.history;
  const std::vector<InferenceOp> replies = inference_replies(history, input.params.text("client"));
  std::map<std::string, OpIndex> by_id;
  std::vector<Witness> witnesses;
  std::uint64_t swapped_ids = 0;
  std::uint64_t swapped_nonces = 0;
  std::uint64_t swapped = 0;
  for (const InferenceOp& op : replies) {
    if (is_own(op)) continue;
    ++swapped;
    swapped_ids += op.reply.id != op.request.id ? 1U : 0U;
    swapped_nonces += op.reply.nonce != op.request.nonce ? 1U : 0U;
    if (witnesses.size() >= kMaxWitnesses) continue;
    if (by_id.empty()) by_id = owners(history);
    witnesses.push_back(explain(history, op, by_id));
  }
  const bool is_violated = swapped > 0;
  Verdict verdict = conclude(
      replies.size(), std::move(witnesses),
      "all of " + std::to_string(replies.size()) + " replies carry their request's id and nonce",
      "no inference call was answered");
  if (is_violated) {
    const Window window = window_of(history, verdict.witnesses.front());
    verdict.summary = std::to_string(swapped) + " of " + std::to_string(replies.size()) +
                      " replies answer another request: " + verdict.witnesses.front().why +
                      while_faults(input.recording, window.from, window.to);
  }
  verdict.facts = {{"replies", std::to_string(replies.size())},
                   {"wrong id", std::to_string(swapped_ids)},
                   {"wrong nonce", std::to_string(swapped_nonces)}};
  return verdict;
}

}  // namespace

const CheckerRow& response_identity_row() {
  static const CheckerRow kRow{
      "response-identity", "a reply answers the request that it came back to",
      "Looks at every inference call that was answered. The reply must carry the id of its request "
      "and, in the output tensor, the nonce that the request put into the input tensor. The id "
      "shows when a proxy or a pooled connection hands an answer to the wrong caller (a cancelled "
      "request whose answer is read by the next one); the nonce shows when rows are mixed up "
      "inside a batch, behind whatever writes the id. No tolerance, no statistics: one such reply "
      "is a violation. The witness names the request whose id came back, if that was sent in the "
      "run. O(n).",
      kParams, check};
  return kRow;
}

}  // namespace squall
