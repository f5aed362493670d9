// Invocations stand in order already; completions wait in a heap.
#include "history/event_order.h"

#include <queue>
#include <utility>
#include <vector>

#include "history/event_pairing.h"

namespace squall {
namespace {

class Walk {
 public:
  Walk(const History& history, const std::function<void(const HistoryEvent&)>& event)
      : history_(history), event_(event) {}

  void walk() {
    for (OpIndex i = 0; i < history_.size(); ++i) {
      // Also those that end in the same nanosecond: one of them may be this process's last one.
      complete_until(history_.sent()[i]);
      give(i, "invoke", history_.sent()[i]);
      if (history_.completed()[i] != kNever) pending_.emplace(history_.completed()[i], i);
    }
    complete_until(kNever);
  }

 private:
  void complete_until(std::int64_t at) {
    while (!pending_.empty() && pending_.top().first <= at) {
      const auto [completed, index] = pending_.top();
      give(index, to_text(history_.outcome()[index]), completed);
      pending_.pop();
    }
  }

  [[nodiscard]] ValueId value_of(const Operation& op, bool is_invocation) const {
    if (is_argument_kept(history_.functions().name(op.function))) return op.value;
    if (op.outcome == Outcome::kOk) return is_invocation ? kNil : op.value;
    return op.value == kAbsent ? kNil : op.value;
  }

  void give(OpIndex index, std::string_view kind, std::int64_t at) {
    const Operation op = history_.at(index);
    const bool is_invocation = kind == "invoke";
    event_({.op = index,
            .kind = kind,
            .at = at,
            .value = value_of(op, is_invocation),
            .is_last = !is_invocation || op.completed == kNever});
  }

  using Pending = std::pair<std::int64_t, OpIndex>;
  const History& history_;
  const std::function<void(const HistoryEvent&)>& event_;
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending_;
};

}  // namespace

void for_each_event(const History& history, const std::function<void(const HistoryEvent&)>& event) {
  Walk(history, event).walk();
}

}  // namespace squall
