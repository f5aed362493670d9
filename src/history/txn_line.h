// One JSON line of transactions: a quick scanner for the lines that programs write, and simdjson
// for every other one and for what is wrong with it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "history/jsonl_event.h"
#include "history/transactions.h"

namespace squall {

struct TxnLine {
  bool is_skipped = false;  // not of a numbered process: nothing else is filled in
  bool is_session = false;  // {"s":…}; else {"p":…}
  std::int64_t process = 0;
  EventKind kind = EventKind::kInvoke;  // sessions: kOk or kFail
  bool has_ops = false;
  std::optional<std::int64_t> at{};  // ns
};

class TxnLineParser {
 public:
  explicit TxnLineParser(TransactionsBuilder& builder);
  TxnLineParser(TxnLineParser&&) = delete;
  ~TxnLineParser();

  // `ops` is what the line says; of reads, only an ok (or a session's transaction) says anything.
  // `line` starts `text`, the rest of which may be read (not used) a few bytes past the line.
  [[nodiscard]] Checked parse(std::string_view line, std::string_view text, TxnLine& parsed,
                              std::vector<MicroOp>& ops);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace squall
