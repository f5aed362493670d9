// JSON lines → transactions: one pass, one state per process.
#include <limits>
#include <unordered_map>

#include "history/json_position.h"
#include "history/jsonl.h"
#include "history/transactions.h"
#include "history/txn_line.h"

namespace squall {
namespace {

struct ProcessState {
  std::uint32_t session = 0;
  TxnIndex open = 0;          // the transaction under way
  std::size_t last_line = 0;  // of its last event
  std::int64_t last_at = std::numeric_limits<std::int64_t>::min();
  bool is_open = false;
  bool has_ended = false;  // in info
  std::vector<MicroOp> asked;
};

class Reader {
 public:
  Reader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  Result<Transactions> read() {
    std::string_view line;
    while (next_line(line)) {
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      Checked error = parser_.parse(line, rest_, line_, ops_);
      if (!error && !line_.is_skipped) error = take();
      if (error) return error_at(line, *error);
    }
    for (auto& [process, state] : processes_) {
      if (state.is_open) builder_.end(state.open, state.asked, Outcome::kInfo, kNever);
    }
    return builder_.finish(!is_session_);
  }

 private:
  bool next_line(std::string_view& line) {
    if (text_.empty()) return false;
    ++line_number_;
    const std::size_t end = std::min(text_.find('\n'), text_.size());
    line = text_.substr(0, end);
    rest_ = text_;
    text_.remove_prefix(std::min(end + 1, text_.size()));
    return true;
  }

  [[nodiscard]] Error error_at(std::string_view line, const LineError& error) const {
    std::size_t column = 1;
    if (error.is_syntax) column = json_error_column(line);
    if (!error.field.empty()) column = json_field_column(line, error.field);
    return Error{Errc::kInvalid, name_ + ":" + std::to_string(line_number_) + ":" +
                                     std::to_string(column) + ": " + error.what};
  }

  Checked take() {
    if (++events_ == 1) is_session_ = line_.is_session;
    if (is_session_ != line_.is_session) {
      return LineError{"sessions (\"s\") and events (\"p\") are mixed", is_session_ ? "p" : "s"};
    }
    if (is_session_) return take_session();
    if (Checked error = take_time()) return error;
    ProcessState& state = state_of(line_.process);
    if (at_ < state.last_at) return goes_back(state.last_line);
    const bool is_invocation = line_.kind == EventKind::kInvoke;
    if (Checked error = is_invocation ? invoke(state) : complete(state)) return error;
    state.last_line = line_number_;
    state.last_at = at_;
    return {};
  }

  Checked take_session() {
    const Outcome outcome = line_.kind == EventKind::kOk ? Outcome::kOk : Outcome::kFail;
    builder_.end(builder_.begin(builder_.session(line_.process), 0), ops_, outcome, 0);
    return {};
  }

  [[nodiscard]] static Checked goes_back(std::size_t line) {
    return LineError{"\"t\" goes back: line " + std::to_string(line) + " is later", "t"};
  }

  Checked take_time() {
    if (events_ == 1) has_times_ = line_.at.has_value();
    if (has_times_ != line_.at.has_value()) {
      return LineError{line_.at ? "\"t\" here, but the lines before have none"
                                : "no \"t\" here, but the lines before have one",
                       line_.at ? "t" : ""};
    }
    at_ = line_.at.value_or(static_cast<std::int64_t>(events_ - 1));
    const auto behind = static_cast<std::uint64_t>(latest_) - static_cast<std::uint64_t>(at_);
    if (at_ < latest_ && behind > kMaxJsonlDisorder) return goes_back(latest_line_);
    if (at_ < latest_) return {};
    latest_ = at_;
    latest_line_ = line_number_;
    return {};
  }

  // References into the map stay valid; most events are of a process in a small table.
  ProcessState& state_of(std::int64_t process) {
    if (process >= 0 && process < static_cast<std::int64_t>(recent_.size())) {
      ProcessState*& known = recent_[static_cast<std::size_t>(process)];
      if (known == nullptr) known = &processes_[process];
      return *known;
    }
    return processes_[process];
  }

  [[nodiscard]] std::string who() const { return "process " + std::to_string(line_.process); }

  Checked invoke(ProcessState& state) {
    const std::string_view since = "since line ";
    if (state.is_open) {
      return LineError{who() + " has a transaction under way " + std::string(since) +
                           std::to_string(state.last_line),
                       ""};
    }
    if (state.has_ended) {
      return LineError{who() + " ended in info in line " + std::to_string(state.last_line) +
                           "; go on under a new number",
                       "p"};
    }
    if (!line_.has_ops) return LineError{"no \"v\" (micro-operations)", ""};
    if (state.last_line == 0) state.session = builder_.session(line_.process);
    state.open = builder_.begin(state.session, at_);
    state.is_open = true;
    state.asked = ops_;
    return {};
  }

  Checked complete(ProcessState& state) {
    if (!state.is_open) {
      const std::string last = std::to_string(state.last_line);
      return LineError{who() + " has no transaction under way" +
                           (state.last_line == 0 ? "" : ": it was completed in line " + last),
                       ""};
    }
    const bool is_ok = line_.kind == EventKind::kOk;
    if (is_ok && !line_.has_ops) return LineError{"no \"v\" (micro-operations)", ""};
    if (is_ok && !is_same(state.asked)) {
      return LineError{"\"v\" has other micro-operations than the invocation in line " +
                           std::to_string(state.last_line),
                       "v"};
    }
    const Outcome failed = line_.kind == EventKind::kFail ? Outcome::kFail : Outcome::kInfo;
    builder_.end(state.open, is_ok ? ops_ : state.asked, is_ok ? Outcome::kOk : failed, at_);
    state.is_open = false;
    state.has_ended = line_.kind == EventKind::kInfo;
    return {};
  }

  // Only what reads returned may differ from what was asked for.
  [[nodiscard]] bool is_same(const std::vector<MicroOp>& asked) const {
    if (asked.size() != ops_.size()) return false;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      if (asked[i].key() != ops_[i].key()) return false;
      const bool is_read = asked[i].kind() == MicroKind::kRead;
      if (!is_read && asked[i] != ops_[i]) return false;
      const bool is_written =
          ops_[i].kind() == MicroKind::kWrite || ops_[i].kind() == MicroKind::kAppend;
      if (is_read && is_written) return false;
    }
    return true;
  }

  std::string_view text_;
  std::string_view rest_;  // of the text, from the line in hand
  const std::string& name_;
  TransactionsBuilder builder_;
  TxnLineParser parser_{builder_};
  TxnLine line_;
  std::vector<MicroOp> ops_;
  std::unordered_map<std::int64_t, ProcessState> processes_;
  std::vector<ProcessState*> recent_ = std::vector<ProcessState*>(4096);
  std::size_t line_number_ = 0;
  std::size_t events_ = 0;
  bool is_session_ = false;
  bool has_times_ = false;
  std::int64_t at_ = 0;  // of the event in hand
  std::int64_t latest_ = std::numeric_limits<std::int64_t>::min();
  std::size_t latest_line_ = 0;
};

std::string_view without_mark(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

}  // namespace

Result<Transactions> read_transactions_jsonl(std::string_view text, const std::string& name) {
  return Reader(without_mark(text), name).read();
}

bool is_transactions_jsonl(std::string_view text) {
  text = without_mark(text);
  TransactionsBuilder builder;
  TxnLineParser parser(builder);
  std::vector<MicroOp> ops;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    TxnLine parsed;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      if (parser.parse(line, text, parsed, ops)) return false;
      if (!parsed.is_skipped) return parsed.has_ops;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

}  // namespace squall
