// causal: transactions see everything that happened before what they see.
#include "checker/rows.h"
#include "checker/txn/weak.h"

namespace squall {
namespace {

Verdict check(const CheckInput& input) {
  return check_weak(input, WeakModel::kCausal, "causal");
}

}  // namespace

const CheckerRow& causal_row() {
  static const CheckerRow kRow{
      "causal", "transactions see everything that happened before what they see",
      "As read-atomic, for all that happened before, along sessions and reads in any number of "
      "steps: no transaction may read a key from T1 if T2, which wrote the key, too, happened "
      "before it and comes after T1. Vector clocks are kept only for as long as somebody needs "
      "them, so that memory grows with what is under way and not with the history. O(n k) for k "
      "sessions. Sources: Biswas and Enea, OOPSLA 2019; AWDIT, PLDI 2025.",
      weak_params(), check};
  return kRow;
}

}  // namespace squall
