// monotonic-writes: whoever sees a session's write sees its earlier writes, too.
#include "checker/rows.h"
#include "checker/txn/weak.h"

namespace squall {
namespace {

Verdict check(const CheckInput& input) {
  return check_weak(input, WeakModel::kMonotonicWrites, "monotonic-writes");
}

}  // namespace

const CheckerRow& monotonic_writes_row() {
  static const CheckerRow kRow{
      "monotonic-writes", "whoever sees a session's write sees its earlier writes, too",
      "For every key there must be one order of its writes that extends what is known of it "
      "(order, and always that of each session) and in which no transaction that reads a "
      "session's write reads another key from before what that session had written to it. Plain "
      "reads and writes of registers are transactions of one operation. O(n log n), quadratic "
      "in the reads of one transaction. Source: Terry et al., PDIS 1994.",
      guarantee_params(), check};
  return kRow;
}

}  // namespace squall
