// register-stream: a register's history, event by event, in bounded memory.
#include <algorithm>
#include <optional>

#include "checker/explain.h"
#include "checker/register_stream.h"
#include "checker/rows.h"
#include "checker/selection.h"

namespace squall {
namespace {

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"init", ParamType::kText, "nil", "the value of every key before the run, as JSON", {}},
};

struct Event {
  std::int64_t at = 0;
  bool is_return = false;
  OpIndex op = 0;
};

// The selected operations in the order in which they happened, calls before returns.
class Events {
 public:
  Events(const History& history, const Selection& selection)
      : history_(history),
        read_(history.functions().find("read")),
        write_(history.functions().find("write")) {
    for (OpIndex op = 0; op < history.size(); ++op) {
      if (selection.has(op)) add(op);
    }
    std::sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
      if (a.at != b.at) return a.at < b.at;
      return a.is_return != b.is_return ? b.is_return : a.op < b.op;
    });
  }

  [[nodiscard]] const std::vector<Event>& all() const { return events_; }
  [[nodiscard]] bool is_read(OpIndex op) const { return history_.function()[op] == read_; }
  // Acknowledged, but neither read nor write.
  [[nodiscard]] const std::optional<OpIndex>& stranger() const { return stranger_; }

 private:
  void add(OpIndex op) {
    const FunctionId function = history_.function()[op];
    const bool is_known = function == read_ || function == write_;
    if (!is_known && !stranger_ && history_.outcome()[op] == Outcome::kOk) stranger_ = op;
    if (!is_known) return;
    const Interval interval = certain_interval(history_, op);
    events_.push_back({interval.sent, false, op});
    if (interval.completed == kNever) return;
    events_.push_back({std::max(interval.sent, interval.completed), true, op});
  }

  const History& history_;
  std::optional<FunctionId> read_;
  std::optional<FunctionId> write_;
  std::optional<OpIndex> stranger_;
  std::vector<Event> events_;
};

// Names of values are their ids: equal exactly if the values are.
bool feed(RegisterStream& stream, const History& history, const Events& events,
          const Event& event) {
  const OpIndex op = event.op;
  StreamEvent what;
  what.at = event.at;
  what.process = op;  // clocks may make operations of one process overlap
  what.key = history.key()[op];
  what.value = history.value()[op];
  what.call = events.is_read(op) ? StreamCall::kRead : StreamCall::kWrite;
  if (!event.is_return) return stream.invoke(what);
  const bool is_seen = history.outcome()[op] == Outcome::kOk && history.value()[op] != kAbsent;
  if (is_seen) return stream.ok(what);
  return history.outcome()[op] == Outcome::kFail ? stream.fail(what) : stream.info(what);
}

Verdict unknown(const std::string& why, std::uint64_t examined) {
  Verdict verdict;
  verdict.examined = examined;
  verdict.summary = why;
  return verdict;
}

std::string did(const History& history, const Events& events, OpIndex op) {
  const std::string value = value_text(history.values(), history.value()[op]);
  if (events.is_read(op)) return " read " + value;
  return (history.outcome()[op] == Outcome::kFail ? " failed to write " : " wrote ") + value;
}

Verdict judge(const History& history, const Events& events, std::int64_t initial) {
  RegisterStream stream(initial);
  std::size_t most = 0;
  for (const Event& event : events.all()) {
    const bool goes_on = feed(stream, history, events, event);
    most = std::max(most, stream.remembered());
    if (goes_on) continue;
    const std::string why = key_prefix(history.values(), history.key()[event.op]) +
                            process_name(history, event.op) + did(history, events, event.op) +
                            " (" + operation_name(event.op) +
                            "), the first return that proves that no order explains the history";
    Verdict verdict = conclude(stream.events(), {{{event.op}, why}}, "", "");
    verdict.facts = {{"proven at", seconds(event.at)}, {"remembered", std::to_string(most)}};
    return verdict;
  }
  Verdict verdict;
  if (stream.answer() == Answer::kUnknown) {
    verdict = unknown(stream.why().empty() ? "nobody read"
                                           : "not of this class: a value was written again while "
                                             "the first one could still be read",
                      stream.reads());
  } else {
    verdict = conclude(stream.events(), {},
                       counted(stream.reads(), "read") + ", each possible when it returned", "");
  }
  verdict.facts = {{"events", std::to_string(stream.events())},
                   {"remembered", std::to_string(most)}};
  return verdict;
}

Verdict check(const CheckInput& input) {
  const History& history = input.recording.history;
  const Events events(history, Selection(history, input.params.text("client")));
  if (events.stranger()) {
    return unknown(operation_name(*events.stranger()) + " is neither a read nor a write", 1);
  }
  const auto initial = find_value(history.values(), input.params.text("init"));
  return judge(history, events, initial ? std::int64_t{*initial} : -1);
}

}  // namespace

const CheckerRow& register_stream_row() {
  static const CheckerRow kRow{
      "register-stream",
      "each key behaves like a single register, seen event by event",
      "Operations are named read and write, and no value is written again to a key while the first "
      "one may still be read; then this answers as linearizable does, but from the events one by "
      "one: it says violated at the first return that proves it, and remembers a value only until "
      "nobody can read it any more. The facts say when it knew, and how many values, operations "
      "and "
      "keys it had to remember at most. A history of another class is unknown. Constant time per "
      "event, after sorting them. Source: zones (Gibbons and Korach 1997), kept up to date.",
      kParams,
      check,
      nullptr,
      {check, true}};
  return kRow;
}

}  // namespace squall
