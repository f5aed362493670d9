// read-your-writes: a session sees its own writes, or newer ones.
#include "checker/rows.h"
#include "checker/txn/weak.h"

namespace squall {
namespace {

Verdict check(const CheckInput& input) {
  return check_weak(input, WeakModel::kReadYourWrites, "read-your-writes");
}

}  // namespace

const CheckerRow& read_your_writes_row() {
  static const CheckerRow kRow{
      "read-your-writes", "a session sees its own writes, or newer ones",
      "For every key there must be one order of its writes that extends what is known of it "
      "(order) and in which no session reads a key from before its own last write of it. Works "
      "on transactions and on plain reads and writes of registers, where the operations of a "
      "process are a session. O(n log n). Source: Terry et al., PDIS 1994.",
      guarantee_params(), check};
  return kRow;
}

}  // namespace squall
