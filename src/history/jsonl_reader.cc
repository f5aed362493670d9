// JSON lines → history: one pass, one state per process, a row per invocation.
#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>
#include <utility>

#include "history/inference_call.h"
#include "history/json_position.h"
#include "history/jsonl.h"
#include "history/jsonl_event.h"
#include "history/unpack.h"

namespace squall {
namespace {

struct Row {
  Operation op;
  ValueId error = kAbsent;
};

struct ProcessState {
  ProcessIndex index = 0;
  std::size_t open_row = 0;   // position in rows + 1; 0: nothing under way
  std::size_t last_line = 0;  // of its last event
  std::int64_t last_at = std::numeric_limits<std::int64_t>::min();
  bool has_ended = false;  // in info
};

Outcome outcome_of(EventKind kind) {
  if (kind == EventKind::kOk) return Outcome::kOk;
  return kind == EventKind::kFail ? Outcome::kFail : Outcome::kInfo;
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  Result<History> read();
  [[nodiscard]] const JsonlFacts& facts() const { return facts_; }

 private:
  Checked take_line(std::string_view line);
  Checked take_event(const JsonlEvent& event);
  Checked take_time(const JsonlEvent& event);
  Checked check_order(const JsonlEvent& event);
  Checked state_of(std::int64_t process, ProcessState*& state);
  Checked invoke(const JsonlEvent& event, ProcessState& state);
  Checked complete(const JsonlEvent& event, ProcessState& state);
  [[nodiscard]] ValueId final_value(const JsonlEvent& event, const Operation& op) const;
  [[nodiscard]] Error error_at(std::string_view line, const LineError& error) const;
  History finish();

  std::string_view text_;
  const std::string& name_;
  History history_;
  JsonlParser parser_{history_.values()};
  std::vector<Row> rows_;
  std::unordered_map<std::int64_t, ProcessState> processes_;
  JsonlFacts facts_;
  std::size_t line_number_ = 0;
  std::int64_t at_ = 0;               // of the event in hand
  std::size_t first_timed_line_ = 0;  // 0: none yet
  std::size_t first_untimed_line_ = 0;
  std::int64_t latest_ = std::numeric_limits<std::int64_t>::min();
  std::size_t latest_line_ = 0;
};

Error Reader::error_at(std::string_view line, const LineError& error) const {
  std::size_t column = 1;
  if (error.is_syntax) column = json_error_column(line);
  if (!error.field.empty()) column = json_field_column(line, error.field);
  return Error{Errc::kInvalid, name_ + ":" + std::to_string(line_number_) + ":" +
                                   std::to_string(column) + ": " + error.what};
}

Result<History> Reader::read() {
  while (!text_.empty()) {
    ++line_number_;
    const std::size_t end = std::min(text_.find('\n'), text_.size());
    const std::string_view line = text_.substr(0, end);
    if (const Checked error = take_line(line)) return error_at(line, *error);
    text_.remove_prefix(std::min(end + 1, text_.size()));
  }
  return finish();
}

Checked Reader::take_line(std::string_view line) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return {};
  JsonlEvent event;
  if (Checked error = parser_.parse(line, text_, event)) return error;
  ++facts_.events;
  if (!event.is_skipped) return take_event(event);
  ++facts_.skipped;
  return {};
}

Checked Reader::take_event(const JsonlEvent& event) {
  if (Checked error = take_time(event)) return error;
  if (Checked error = check_order(event)) return error;
  ProcessState* state = nullptr;
  if (Checked error = state_of(event.process, state)) return error;
  const bool is_invocation = event.kind == EventKind::kInvoke;
  if (Checked error = is_invocation ? invoke(event, *state) : complete(event, *state)) return error;
  state->last_line = line_number_;
  state->last_at = at_;
  return {};
}

Checked Reader::take_time(const JsonlEvent& event) {
  std::size_t& first = event.at ? first_timed_line_ : first_untimed_line_;
  if (first == 0) first = line_number_;
  at_ = event.at.value_or(static_cast<std::int64_t>(facts_.events - 1));
  if (first_timed_line_ == 0 || first_untimed_line_ == 0) return {};
  const std::string other = std::to_string(event.at ? first_untimed_line_ : first_timed_line_);
  if (event.at)
    return LineError{.what = "\"t\" here, but line " + other + " has none", .field = "t"};
  return LineError{.what = "no \"t\" here, but line " + other + " has one", .field = ""};
}

Checked Reader::check_order(const JsonlEvent& event) {
  const auto process = processes_.find(event.process);
  const bool is_before_itself = process != processes_.end() && at_ < process->second.last_at;
  const auto behind = static_cast<std::uint64_t>(latest_) - static_cast<std::uint64_t>(at_);
  const bool is_late = latest_line_ != 0 && at_ < latest_ && behind > kMaxJsonlDisorder;
  if (is_before_itself || is_late) {
    const std::size_t line = is_before_itself ? process->second.last_line : latest_line_;
    return LineError{.what = "\"t\" goes back: line " + std::to_string(line) + " is later",
                     .field = "t"};
  }
  if (latest_line_ != 0 && at_ < latest_) return {};
  latest_ = at_;
  latest_line_ = line_number_;
  return {};
}

Checked Reader::state_of(std::int64_t process, ProcessState*& state) {
  const auto [place, is_new] = processes_.try_emplace(process);
  state = &place->second;
  if (!is_new) return {};
  if (history_.processes().size() == kMaxProcesses) {
    return LineError{"more than the limit of " + std::to_string(kMaxProcesses) + " processes", "p"};
  }
  state->index = history_.add_process({.id = process});
  return {};
}

Checked Reader::invoke(const JsonlEvent& event, ProcessState& state) {
  const std::string who = "process " + std::to_string(event.process);
  const std::string since = std::to_string(state.last_line);
  if (state.open_row != 0) {
    return LineError{who + " has an operation under way since line " + since, ""};
  }
  if (state.has_ended) {
    return LineError{who + " ended in info in line " + since + "; go on under a new number", "p"};
  }
  Functions& functions = history_.functions();
  if (!functions.find(event.function) && functions.size() == kMaxFunctions) {
    return LineError{"more than the limit of " + std::to_string(kMaxFunctions) + " functions", "f"};
  }
  rows_.push_back({.op = {.scheduled = at_,
                          .sent = at_,
                          .process = state.index,
                          .function = functions.intern(event.function),
                          .key = event.key,
                          .value = event.value},
                   .error = event.error});
  state.open_row = rows_.size();
  return {};
}

// A read's null in the invocation means "not yet known", a write's is the value nil.
ValueId Reader::final_value(const JsonlEvent& event, const Operation& op) const {
  if (is_argument_kept(history_.functions().name(op.function))) return op.value;
  if (event.kind == EventKind::kOk && event.value != kAbsent) return event.value;
  return op.value == kNil ? kAbsent : op.value;
}

Checked Reader::complete(const JsonlEvent& event, ProcessState& state) {
  if (state.open_row == 0) {
    const std::string last = std::to_string(state.last_line);
    return LineError{"process " + std::to_string(event.process) + " has no operation under way" +
                         (state.last_line == 0 ? "" : ": it was completed in line " + last),
                     ""};
  }
  Row& row = rows_[state.open_row - 1];
  const std::string& function = history_.functions().name(row.op.function);
  if (!event.function.empty() && event.function != function) {
    return LineError{"\"f\" differs from the invocation's '" + function + "'", "f"};
  }
  if (event.key != kAbsent && row.op.key != kAbsent && event.key != row.op.key) {
    return LineError{
        "\"k\" differs from the invocation's in line " + std::to_string(state.last_line), "k"};
  }
  if (row.op.key == kAbsent) row.op.key = event.key;
  row.op.value = final_value(event, row.op);
  row.op.completed = at_;
  row.op.outcome = outcome_of(event.kind);
  if (event.error != kAbsent) row.error = event.error;
  state.open_row = 0;
  state.has_ended = event.kind == EventKind::kInfo && !keeps_process_after_info(function);
  return {};
}

History Reader::finish() {
  for (Row& row : rows_) {
    if (row.op.completed == kNever) {
      row.op.value = final_value(JsonlEvent{.kind = EventKind::kInfo}, row.op);
    }
    std::string error;
    if (row.error != kAbsent && history_.values().kind(row.error) == ValueKind::kText) {
      error = history_.values().as_text(row.error);
    } else if (row.error != kAbsent) {
      error = history_.values().to_json(row.error);
    }
    history_.append(row.op, error);
  }
  history_.sort_by_sent();
  return std::move(history_);
}

}  // namespace

bool is_argument_kept(std::string_view function) {
  static constexpr std::array<std::string_view, 13> kNames = {
      "write",  "cas",    "add",    "append",   "enqueue", "put",    "set",
      "remove", "delete", "insert", "transfer", "send",    "publish"};
  return std::find(kNames.begin(), kNames.end(), function) != kNames.end();
}

Result<History> read_jsonl(std::string_view text, const std::string& name, JsonlFacts* facts) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  Reader reader(text, name);
  Result<History> history = reader.read();
  if (facts != nullptr) *facts = reader.facts();
  return history;
}

Result<History> read_jsonl_file(const std::string& path, JsonlFacts* facts) {
  const std::string text = TRY(read_unpacked(path, kMaxJsonlBytes));
  return read_jsonl(text, path, facts);
}

}  // namespace squall
