// History → JSON lines.
#include "history/event_order.h"
#include "history/jsonl.h"
#include "history/utf8.h"

namespace squall {
namespace {

class Writer {
 public:
  explicit Writer(const History& history) : history_(history) {}

  std::string write() {
    for_each_event(history_, [this](const HistoryEvent& event) { add(event); });
    return std::move(text_);
  }

 private:
  void field(std::string_view name, std::int64_t number) {
    text_ += name;
    text_ += std::to_string(number);
  }
  void value(std::string_view name, ValueId id) {
    if (id == kAbsent) return;
    text_ += name;
    history_.values().append_json(id, text_);
  }

  void add(const HistoryEvent& event) {
    const Operation op = history_.at(event.op);
    field("{\"i\":", next_index_++);
    field(",\"p\":", history_.processes()[op.process].id);
    text_ += ",\"e\":\"";
    text_ += event.kind;
    text_ += "\",\"f\":";
    append_json_string(to_utf8(history_.functions().name(op.function)), text_);
    value(",\"k\":", op.key);
    value(",\"v\":", event.value);
    field(",\"t\":", event.at);
    if (event.is_last && !history_.error(event.op).empty()) {
      text_ += ",\"err\":";
      append_json_string(history_.error(event.op), text_);
    }
    text_ += "}\n";
  }

  const History& history_;
  std::int64_t next_index_ = 0;
  std::string text_;
};

}  // namespace

std::string write_jsonl(const History& history) {
  return Writer(history).write();
}

}  // namespace squall
