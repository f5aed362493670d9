// Choosing inference replies.
#include "checker/inference_replies.h"

namespace squall {

std::vector<InferenceOp> inference_replies(const History& history, std::string_view client) {
  const Selection selection(history, client);
  std::vector<InferenceOp> replies;
  for (OpIndex op = 0; op < history.size(); ++op) {
    if (history.outcome()[op] != Outcome::kOk || !selection.has(op)) continue;
    std::optional<InferenceCall> call = inference_call(history, op);
    if (!call || !call->reply) continue;
    replies.push_back({op, std::move(call->request), std::move(*call->reply)});
  }
  return replies;
}

}  // namespace squall
