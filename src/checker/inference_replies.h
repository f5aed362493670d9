// The replies of inference calls that a check is about.
#pragma once

#include <string_view>
#include <vector>

#include "checker/selection.h"
#include "history/inference_call.h"

namespace squall {

struct InferenceOp {
  OpIndex op = 0;
  InferenceRequest request{};
  InferenceReply reply{};
};

// Operations of one workload client ("": all) that are ok and hold a reply, in the order of the
// history.
[[nodiscard]] std::vector<InferenceOp> inference_replies(const History& history,
                                                         std::string_view client);

}  // namespace squall
