// The definition of a linearizable register, word for word: try every order.  Only for a handful of
// operations; it shares nothing with the checker that it judges.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace squall::test {

struct OracleOp {
  enum class Call : std::uint8_t { kRead, kWrite, kCas, kFailedCas };
  Call call = Call::kRead;
  int process = 0;
  int from = 0;
  int to = 0;
  int sent = 0;
  int completed = 0;
  bool is_crashed = false;  // info
};

// Is there an order, starting at `init`, that respects real time (closed intervals) and contains
// every operation that did not crash, and any of those that did?
[[nodiscard]] bool has_order(const std::vector<OracleOp>& ops, int init);

// The same operations in the language of history_text.h; value 0 is nil.
[[nodiscard]] std::string to_text(const std::vector<OracleOp>& ops);

}  // namespace squall::test
