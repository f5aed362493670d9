// Every order, one after the other.
#include "tests/checker/register_oracle.h"

namespace squall::test {
namespace {

// -1: impossible in this state.
int apply(const OracleOp& op, int state) {
  switch (op.call) {
    case OracleOp::Call::kRead:
      return op.from == state ? state : -1;
    case OracleOp::Call::kWrite:
      return op.to;
    case OracleOp::Call::kCas:
      return op.from == state ? op.to : -1;
    case OracleOp::Call::kFailedCas:
      return op.from != state ? state : -1;
  }
  return -1;
}

bool extend(const std::vector<OracleOp>& ops, std::vector<bool>& is_placed, int state) {
  bool is_complete = true;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    is_complete = is_complete && (is_placed[i] || ops[i].is_crashed);
  }
  if (is_complete) return true;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (is_placed[i]) continue;
    bool is_too_early = false;  // somebody who had returned before has not been placed
    for (std::size_t j = 0; j < ops.size(); ++j) {
      is_too_early =
          is_too_early || (!is_placed[j] && !ops[j].is_crashed && ops[j].completed < ops[i].sent);
    }
    const int next = is_too_early ? -1 : apply(ops[i], state);
    if (next < 0) continue;
    is_placed[i] = true;
    if (extend(ops, is_placed, next)) return true;
    is_placed[i] = false;
  }
  return false;
}

std::string word(int value) {
  return value == 0 ? "nil" : std::to_string(value);
}

}  // namespace

bool has_order(const std::vector<OracleOp>& ops, int init) {
  std::vector<bool> is_placed(ops.size(), false);
  return extend(ops, is_placed, init);
}

std::string to_text(const std::vector<OracleOp>& ops) {
  std::string text;
  for (const OracleOp& op : ops) {
    const bool is_cas = op.call == OracleOp::Call::kCas || op.call == OracleOp::Call::kFailedCas;
    const bool is_failed = op.call == OracleOp::Call::kFailedCas;
    text += text.empty() ? "" : " | ";
    text += std::to_string(op.process);
    text += op.is_crashed ? " info" : is_failed ? " fail" : " ok";
    text += is_cas ? " cas x [" + word(op.from) + "," + word(op.to) + "]"
            : op.call == OracleOp::Call::kRead ? " read x " + word(op.from)
                                               : " write x " + word(op.to);
    text += " @" + std::to_string(op.sent) + "-" + std::to_string(op.completed);
  }
  return text;
}

}  // namespace squall::test
