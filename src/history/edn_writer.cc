// History → EDN, as Jepsen and Elle read it.
#include <array>

#include "history/edn.h"
#include "history/event_order.h"
#include "history/import.h"
#include "history/utf8.h"

namespace squall {
namespace {

constexpr std::string_view kTransaction = "txn";

// May stand behind a colon and come back as it was.
bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (text.empty() || !is_letter(text.front())) return false;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_letter(c) && !is_digit && c != '-' && c != '_' && c != '.' && c != '?' && c != '!') {
      return false;
    }
  }
  return true;
}

void append_string(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
      case '\\':
        out += '\\';
        out += c;
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += c;
    }
  }
  out += '"';
}

void append_name(std::string_view text, std::string& out) {
  if (!is_name(text)) return append_string(text, out);
  out += ':';
  out += text;
}

class Writer {
 public:
  explicit Writer(const History& history) : history_(history), values_(history.values()) {}

  std::string write() {
    for_each_event(history_, [this](const HistoryEvent& event) { add(event); });
    return std::move(text_);
  }

 private:
  void add(const HistoryEvent& event) {
    const Operation op = history_.at(event.op);
    const std::string& function = history_.functions().name(op.function);
    text_ += "{:index " + std::to_string(next_index_++);
    text_ += ", :time " + std::to_string(event.at);
    text_ += ", :process " + std::to_string(history_.processes()[op.process].id);
    text_ += ", :type :";
    text_ += event.kind;
    text_ += ", :f ";
    append_name(to_utf8(function), text_);
    if (op.key != kAbsent) {
      text_ += ", :key ";
      append(op.key, false);
    }
    text_ += ", :value ";
    if (event.value == kAbsent) {
      text_ += "nil";
    } else {
      append(event.value, function == kTransaction);
    }
    if (event.is_last && !history_.error(event.op).empty()) {
      text_ += ", :error ";
      append_name(history_.error(event.op), text_);
    }
    text_ += "}\n";
  }

  // A transaction is a list of steps, and a step begins with the name of what it does.
  void append(ValueId id, bool is_transaction) {
    switch (values_.kind(id)) {
      case ValueKind::kNull:
        text_ += "nil";
        return;
      case ValueKind::kText:
        return append_string(values_.as_text(id), text_);
      case ValueKind::kList:
        return append_list(values_.as_list(id), is_transaction);
      case ValueKind::kBoolean:
      case ValueKind::kInteger:
        values_.append_json(id, text_);
        return;
    }
  }

  void append_list(std::span<const ValueId> items, bool is_transaction) {
    const bool is_set = !items.empty() && values_.kind(items[0]) == ValueKind::kText &&
                        values_.as_text(items[0]) == kSetMark && are_a_set(items.subspan(1));
    if (is_set) items = items.subspan(1);
    text_ += is_set ? "#{" : "[";
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) text_ += ' ';
      if (is_transaction && values_.kind(items[i]) == ValueKind::kList) {
        append_step(values_.as_list(items[i]));
      } else {
        append(items[i], false);
      }
    }
    text_ += is_set ? '}' : ']';
  }

  // In the one order in which sets are read back, nothing twice.
  [[nodiscard]] bool are_a_set(std::span<const ValueId> items) const {
    for (std::size_t i = 1; i < items.size(); ++i) {
      if (!is_before(values_, items[i - 1], items[i])) return false;
    }
    return true;
  }

  void append_step(std::span<const ValueId> step) {
    text_ += '[';
    for (std::size_t i = 0; i < step.size(); ++i) {
      if (i > 0) text_ += ' ';
      if (i == 0 && values_.kind(step[i]) == ValueKind::kText) {
        append_name(values_.as_text(step[i]), text_);
      } else {
        append(step[i], false);
      }
    }
    text_ += ']';
  }

  const History& history_;
  const Values& values_;
  std::size_t next_index_ = 0;
  std::string text_;
};

}  // namespace

std::string write_edn(const History& history) {
  return Writer(history).write();
}

}  // namespace squall
