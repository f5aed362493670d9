// monotonic-reads: what a session has read does not become older again.
#include "checker/rows.h"
#include "checker/txn/weak.h"

namespace squall {
namespace {

Verdict check(const CheckInput& input) {
  return check_weak(input, WeakModel::kMonotonicReads, "monotonic-reads");
}

}  // namespace

const CheckerRow& monotonic_reads_row() {
  static const CheckerRow kRow{
      "monotonic-reads", "what a session has read does not become older again",
      "For every key there must be one order of its writes that extends what is known of it "
      "(order) and in which no session reads a key from before what it has read of it already. "
      "Works on transactions and on plain reads and writes of registers, where the operations "
      "of a process are a session. O(n log n). Source: Terry et al., PDIS 1994.",
      guarantee_params(), check};
  return kRow;
}

}  // namespace squall
