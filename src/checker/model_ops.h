// From a history to the operations of a model: picks the client's rows, splits them into parts that
// have nothing to do with each other, and numbers calls that do the same.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "checker/models/model.h"
#include "history/history.h"

namespace squall {

// One part's calls and what is known of each.
struct ModelCalls {
  std::vector<ModelCall> calls;
  std::vector<CallInfo> infos;
};

struct ModelPart {
  ValueId key = kAbsent;
  std::vector<OrderOp> ops;  // in the order of the history
  std::vector<ModelCall> calls;
};

struct ModelParts {
  std::vector<ModelPart> parts;    // in the order of first use
  std::uint64_t seen = 0;          // acknowledged operations
  std::uint64_t observations = 0;  // of these, the ones that not every state allows
};

// An acknowledged operation that the model does not know is kUnsupported, because leaving it out
// could make a correct history look wrong.
[[nodiscard]] Result<ModelParts> split_model(const History& history, const ModelRow& row,
                                             const ModelOptions& options,
                                             const std::string& client);

// Adds alternatives to `calls`, and finds out who is of no use: among these operations only.
[[nodiscard]] ModelCalls complete(const Model& model, std::vector<ModelCall> calls,
                                  const std::vector<OrderOp>& ops);

}  // namespace squall
