// History → JSON lines.
#include <charconv>
#include <functional>
#include <queue>
#include <utility>

#include "history/jsonl.h"
#include "history/utf8.h"

namespace squall {
namespace {

class Writer {
 public:
  explicit Writer(const History& history) : history_(history) {}

  std::string write() {
    for (OpIndex i = 0; i < history_.size(); ++i) {
      // Also those that end in the same nanosecond: one of them may be this process's last one.
      complete_until(history_.sent()[i]);
      event(i, "invoke", history_.sent()[i]);
      if (history_.completed()[i] != kNever) pending_.emplace(history_.completed()[i], i);
    }
    complete_until(kNever);
    return std::move(text_);
  }

 private:
  void complete_until(std::int64_t at) {
    while (!pending_.empty() && pending_.top().first <= at) {
      const OpIndex index = pending_.top().second;
      event(index, to_text(history_.outcome()[index]), pending_.top().first);
      pending_.pop();
    }
  }

  void field(std::string_view name, std::int64_t number) {
    text_ += name;
    text_ += std::to_string(number);
  }

  void value(std::string_view name, ValueId id) {
    if (id == kAbsent) return;
    text_ += name;
    history_.values().append_json(id, text_);
  }

  // What the reader will make of it: an argument stands in both events, an answer in its ok.
  [[nodiscard]] ValueId shown_value(const Operation& op, bool is_invocation) const {
    if (is_argument_kept(history_.functions().name(op.function))) return op.value;
    if (op.outcome == Outcome::kOk) return is_invocation ? kNil : op.value;
    return op.value == kAbsent ? kNil : op.value;
  }

  void event(OpIndex index, std::string_view kind, std::int64_t at) {
    const Operation op = history_.at(index);
    const bool is_invocation = kind == "invoke";
    field("{\"i\":", next_index_++);
    field(",\"p\":", history_.processes()[op.process].id);
    text_ += ",\"e\":\"";
    text_ += kind;
    text_ += "\",\"f\":";
    append_json_string(to_utf8(history_.functions().name(op.function)), text_);
    value(",\"k\":", op.key);
    value(",\"v\":", shown_value(op, is_invocation));
    field(",\"t\":", at);
    const bool is_last = !is_invocation || op.completed == kNever;
    if (is_last && !history_.error(index).empty()) {
      text_ += ",\"err\":";
      append_json_string(history_.error(index), text_);
    }
    text_ += "}\n";
  }

  using Pending = std::pair<std::int64_t, OpIndex>;
  const History& history_;
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending_;
  std::int64_t next_index_ = 0;
  std::string text_;
};

}  // namespace

std::string write_jsonl(const History& history) {
  return Writer(history).write();
}

}  // namespace squall
