// writes-follow-reads: whoever sees a write sees what its session had read before it.
#include "checker/rows.h"
#include "checker/txn/weak.h"

namespace squall {
namespace {

Verdict check(const CheckInput& input) {
  return check_weak(input, WeakModel::kWritesFollowReads, "writes-follow-reads");
}

}  // namespace

const CheckerRow& writes_follow_reads_row() {
  static const CheckerRow kRow{
      "writes-follow-reads", "whoever sees a write sees what its session had read before it",
      "For every key there must be one order of its writes that extends what is known of it "
      "(order, and that a session's write comes after what the session had last read of the "
      "key) and in which no transaction that reads a session's write reads another key from "
      "before what that session had last read of it. Plain reads and writes of registers are "
      "transactions of one operation. O(n log n), quadratic in the reads of one transaction. "
      "Source: Terry et al., PDIS 1994.",
      guarantee_params(), check};
  return kRow;
}

}  // namespace squall
