// The quick way through a line: no tree, no copies.  It knows whole numbers, plain text and the
// fields in the order in which programs write them, and gives up on anything else, which is no
// error.  Lists of whole numbers are compared as text with the key's longest one, so that a list
// that was seen before costs a memcmp.
#pragma once

#include <string_view>
#include <vector>

#include "history/txn_line.h"

namespace squall {

class TxnScanner {
 public:
  explicit TxnScanner(TransactionsBuilder& builder) : builder_(builder) {}

  // False: not such a line; what it has put into the builder so far does no harm.  The text must
  // outlive the scanner.
  [[nodiscard]] bool scan(std::string_view line, TxnLine& parsed, std::vector<MicroOp>& ops);

 private:
  [[nodiscard]] bool field(TxnLine& parsed, std::vector<MicroOp>& ops);
  [[nodiscard]] bool kind(TxnLine& parsed);
  [[nodiscard]] bool committed(TxnLine& parsed);
  [[nodiscard]] bool micro_ops(bool is_seen, std::vector<MicroOp>& ops);
  [[nodiscard]] bool micro_op(bool is_seen, std::vector<MicroOp>& ops);
  [[nodiscard]] bool key(TxnKey& found);
  [[nodiscard]] bool value(TxnValue& found);
  [[nodiscard]] bool read_value(TxnKey key, bool is_seen, std::vector<MicroOp>& ops);
  [[nodiscard]] bool known_list(TxnKey key, std::vector<MicroOp>& ops, bool& is_known);
  [[nodiscard]] bool longer_list(TxnKey key, const char* begin, std::vector<MicroOp>& ops);
  [[nodiscard]] bool new_list(TxnKey key, std::vector<MicroOp>& ops);
  [[nodiscard]] bool skip_list();
  [[nodiscard]] bool number(std::int64_t& found);
  [[nodiscard]] bool text(std::string_view& found);
  [[nodiscard]] bool word(std::string_view expected);
  [[nodiscard]] char peek() const { return at_ < end_ ? *at_ : '\0'; }
  [[nodiscard]] bool take(char expected) {
    if (at_ == end_ || *at_ != expected) return false;
    ++at_;
    return true;
  }

  TransactionsBuilder& builder_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  // By key: the longest list as it stood, and its length (0: not known as text).
  struct ListText {
    std::string_view text{};
    std::size_t length = 0;
  };
  std::vector<ListText> longest_text_;
  std::vector<TxnValue> list_;
};

}  // namespace squall
