// read-atomic: transactions see all or nothing of each other.
#include "checker/rows.h"
#include "checker/txn/weak.h"

namespace squall {
namespace {

Verdict check(const CheckInput& input) {
  return check_weak(input, WeakModel::kReadAtomic, "read-atomic");
}

}  // namespace

const CheckerRow& read_atomic_row() {
  static const CheckerRow kRow{
      "read-atomic", "transactions see all or nothing of each other",
      "As read-committed, and a transaction that reads from T2, or follows T2 in its session, "
      "must see all of T2: no key that T2 wrote may come from a transaction before T2. What "
      "breaks it is a fractured read. O(n^1.5). Sources: Biswas and Enea, OOPSLA 2019; AWDIT, "
      "PLDI 2025.",
      weak_params(), check};
  return kRow;
}

}  // namespace squall
