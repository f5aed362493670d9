// A history's transactions, and AWDIT's text.
#include <charconv>
#include <optional>
#include <unordered_map>

#include "history/transactions.h"

namespace squall {
namespace {

// The text of [f, key, value] as a micro-operation; nothing: it has another shape.
class MicroReader {
 public:
  MicroReader(const Values& values, TransactionsBuilder& builder)
      : values_(values), builder_(builder) {}

  // False: this is no list of micro-operations.
  bool read(ValueId transaction, bool is_seen, std::vector<MicroOp>& ops) {
    ops.clear();
    if (transaction == kAbsent || values_.kind(transaction) != ValueKind::kList) return false;
    for (const ValueId part : values_.as_list(transaction)) {
      const std::optional<MicroOp> op = micro(part, is_seen);
      if (!op) return false;
      ops.push_back(*op);
    }
    return true;
  }

 private:
  std::optional<MicroOp> micro(ValueId part, bool is_seen) {
    if (values_.kind(part) != ValueKind::kList) return std::nullopt;
    const std::span<const ValueId> words = values_.as_list(part);
    if (words.size() < 2 || words.size() > 3) return std::nullopt;
    if (values_.kind(words[0]) != ValueKind::kText) return std::nullopt;
    std::string_view function = values_.as_text(words[0]);
    if (function.starts_with(':')) function.remove_prefix(1);
    const TxnKey key = builder_.names().key_of(values_, words[1]);
    const ValueId value = words.size() == 3 ? words[2] : kNil;
    if (function == "w" || function == "append") {
      const auto kind = function == "w" ? MicroKind::kWrite : MicroKind::kAppend;
      return MicroOp::of(kind, key, builder_.names().value_of(values_, value));
    }
    if (function != "r") return std::nullopt;
    if (!is_seen) return MicroOp::of(MicroKind::kRead, key, kTxnUnseen);
    if (value == kNil || values_.kind(value) != ValueKind::kList) {
      return MicroOp::of(MicroKind::kRead, key, builder_.names().value_of(values_, value));
    }
    list_.clear();
    for (const ValueId item : values_.as_list(value)) {
      list_.push_back(builder_.names().value_of(values_, item));
    }
    return builder_.list_read(key, list_);
  }

  const Values& values_;
  TransactionsBuilder& builder_;
  std::vector<TxnValue> list_;
};

}  // namespace

Transactions transactions_of(const History& history, std::string_view client) {
  TransactionsBuilder builder;
  MicroReader reader(history.values(), builder);
  const std::optional<FunctionId> txn = history.functions().find("txn");
  std::vector<OpIndex> numbers;
  std::vector<MicroOp> ops;
  for (OpIndex op = 0; txn && op < history.size(); ++op) {
    const Process& process = history.processes()[history.process()[op]];
    if (history.function()[op] != *txn || (!client.empty() && process.client != client)) continue;
    const Outcome outcome = history.outcome()[op];
    if (!reader.read(history.value()[op], outcome == Outcome::kOk, ops)) continue;
    const TxnIndex begun =
        builder.begin(builder.session(process.id, process.clock_error), history.sent()[op]);
    builder.end(begun, ops, outcome, history.completed()[op]);
    numbers.push_back(op);
  }
  Transactions found = builder.finish(true);
  found.operation = std::move(numbers);
  return found;
}

namespace {

class AwditReader {
 public:
  AwditReader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  Result<Transactions> read() {
    while (!text_.empty()) {
      ++line_number_;
      const std::size_t end = std::min(text_.find('\n'), text_.size());
      std::string_view line = text_.substr(0, end);
      text_.remove_prefix(std::min(end + 1, text_.size()));
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      TRY(take(line));
    }
    close();
    return builder_.finish(false);
  }

 private:
  Result<> take(std::string_view line) {
    if (line.empty()) return {};
    if (line.find_first_not_of('-') == std::string_view::npos && line.size() >= 3) {
      close();
      return {};
    }
    if (line.find_first_not_of('=') == std::string_view::npos && line.size() >= 3) {
      close();
      ++session_;
      return {};
    }
    line_ = line;
    at_ = 2;
    const bool is_write = line[0] == 'w';
    if ((!is_write && line[0] != 'r') || line.size() < 2 || line[1] != ' ') {
      return wrong(0, "expected 'w KEY VALUE', 'r KEY VALUE', '-----' or '====='");
    }
    const std::int64_t key = TRY(number("the key"));
    const std::int64_t value = TRY(number("the value"));
    if (at_ <= line.size()) return wrong(at_, "more than a key and a value");
    ops_.push_back(MicroOp::of(is_write ? MicroKind::kWrite : MicroKind::kRead,
                               builder_.names().key(key), builder_.names().value(value)));
    return {};
  }

  // at_ moves behind the number and its blank: one past the end where it was the last.
  Result<std::int64_t> number(const std::string& what) {
    const std::size_t begin = std::min(at_, line_.size());
    const std::size_t end = std::min(line_.find(' ', begin), line_.size());
    std::int64_t parsed = 0;
    const char* const last = line_.data() + end;
    const auto result = std::from_chars(line_.data() + begin, last, parsed);
    if (result.ec != std::errc{} || result.ptr != last) {
      return wrong(begin, what + " must be a whole number");
    }
    at_ = end + 1;
    return parsed;
  }

  [[nodiscard]] Error wrong(std::size_t at, const std::string& what) const {
    return Error{Errc::kInvalid, name_ + ":" + std::to_string(line_number_) + ":" +
                                     std::to_string(at + 1) + ": " + what};
  }

  void close() {
    if (ops_.empty()) return;
    const TxnIndex begun = builder_.begin(builder_.session(session_), 0);
    builder_.end(begun, ops_, Outcome::kOk, 0);
    ops_.clear();
  }

  std::string_view text_;
  const std::string& name_;
  std::string_view line_;
  std::size_t at_ = 0;
  std::size_t line_number_ = 0;
  std::int64_t session_ = 0;
  TransactionsBuilder builder_;
  std::vector<MicroOp> ops_;
};

}  // namespace

Result<Transactions> read_awdit(std::string_view text, const std::string& name) {
  return AwditReader(text, name).read();
}

}  // namespace squall
