// read-committed: transactions read only what was committed, and never go back in time within a
// transaction.
#include "checker/rows.h"
#include "checker/txn/weak.h"

namespace squall {
namespace {

Verdict check(const CheckInput& input) {
  return check_weak(input, WeakModel::kReadCommitted, "read-committed");
}

}  // namespace

const CheckerRow& read_committed_row() {
  static const CheckerRow kRow{
      "read-committed",
      "transactions read only what was committed, and never go back in time within a transaction",
      "There must be one order of all transactions that extends the order of every session and "
      "of every read after the write it returned, such that no transaction reads a key from T1 "
      "after it has read from T2, which wrote the key, too, and comes after T1. A read of what "
      "an aborted transaction wrote, of what its writer overwrote itself, of what nobody wrote, "
      "or of something else than the transaction's own last write is a violation by itself. No "
      "order of versions is assumed but that of lists. O(n^1.5). Sources: Biswas and Enea, "
      "OOPSLA 2019; AWDIT, PLDI 2025.",
      weak_params(), check};
  return kRow;
}

}  // namespace squall
