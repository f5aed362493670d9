// One pass, one state per process, a row per invocation that its completion fills in.
#include "history/event_pairing.h"

#include <algorithm>
#include <array>
#include <utility>

#include "history/inference_call.h"
#include "history/utf8.h"

namespace squall {
namespace {

// Ids below this are found by a look into a table.
constexpr std::int64_t kLowProcesses = std::int64_t{1} << 20U;
constexpr std::size_t kMaxShownValue = 80;  // bytes, in a message
// The memory is looked at once in so many operations.
constexpr std::size_t kMemoryStride = 4096;

Outcome outcome_of(EventKind kind) {
  if (kind == EventKind::kOk) return Outcome::kOk;
  return kind == EventKind::kFail ? Outcome::kFail : Outcome::kInfo;
}

EventProblem in(EventField field, std::string what) {
  return {.what = std::move(what), .field = field};
}

std::string shown(const Values& values, ValueId id) {
  const std::string text = values.to_json(id);
  return text.size() <= kMaxShownValue ? text : to_utf8(text.substr(0, kMaxShownValue)) + "…";
}

}  // namespace

bool is_argument_kept(std::string_view function) {
  static constexpr std::array<std::string_view, 13> kNames = {
      "write",  "cas",    "add",    "append",   "enqueue", "put",    "set",
      "remove", "delete", "insert", "transfer", "send",    "publish"};
  return std::find(kNames.begin(), kNames.end(), function) != kNames.end();
}

EventPairing::EventPairing(std::string name, const EventNames& names, const ImportOptions& options)
    : name_(std::move(name)), names_(names), options_(options) {}

void EventPairing::skip(const Event& /*event*/) {
  ++facts_.events;
  ++facts_.skipped;
}

EventCheck EventPairing::take(const Event& event, std::size_t line) {
  ++facts_.events;
  if (EventCheck problem = take_time(event, line)) return problem;
  Process& process = process_of(event.process);
  if (EventCheck problem = check_order(process, line)) return problem;
  if (!process.is_known) {
    if (EventCheck problem = register_process(event.process, process)) return problem;
  }
  Event split;
  const Event* taken = &event;
  if (options_.has_independent_keys) {
    split = event;
    if (EventCheck problem = split_key(split)) return problem;
    taken = &split;
  }
  if (event.kind == EventKind::kInvoke) {
    if (EventCheck problem = invoke(*taken, process)) return problem;
  } else {
    if (EventCheck problem = complete(*taken, process, line)) return problem;
  }
  process.last_line = line;
  process.last_at = at_;
  return {};
}

EventCheck EventPairing::take_time(const Event& event, std::size_t line) {
  std::size_t& first = event.at ? first_timed_line_ : first_untimed_line_;
  if (first == 0) first = line;
  at_ = event.at.value_or(static_cast<std::int64_t>(facts_.events - 1));
  if (first_timed_line_ == 0 || first_untimed_line_ == 0) return {};
  const std::string other = std::to_string(event.at ? first_untimed_line_ : first_timed_line_);
  const std::string time = quoted(EventField::kTime);
  if (event.at) return in(EventField::kTime, time + " here, but line " + other + " has none");
  return in(EventField::kNone, "no " + time + " here, but line " + other + " has one");
}

EventCheck EventPairing::check_order(const Process& process, std::size_t line) {
  if (at_ >= latest_) {
    latest_ = at_;
    latest_line_ = line;
    return {};
  }
  const bool is_before_itself = process.is_known && at_ < process.last_at;
  const auto behind = static_cast<std::uint64_t>(latest_) - static_cast<std::uint64_t>(at_);
  if (!is_before_itself && behind <= kMaxJsonlDisorder) return {};
  const std::size_t later = is_before_itself ? process.last_line : latest_line_;
  return in(EventField::kTime,
            quoted(EventField::kTime) + " goes back: line " + std::to_string(later) + " is later");
}

EventPairing::Process& EventPairing::process_of(std::int64_t id) {
  if (id < 0 || id >= kLowProcesses) return other_processes_[id];
  const auto place = static_cast<std::size_t>(id);
  if (place >= low_processes_.size()) low_processes_.resize(std::max<std::size_t>(place + 1, 64));
  return low_processes_[place];
}

EventCheck EventPairing::register_process(std::int64_t id, Process& process) {
  if (history_.processes().size() == kMaxProcesses) {
    return in(EventField::kProcess,
              "more than the limit of " + std::to_string(kMaxProcesses) + " processes");
  }
  process.index = history_.add_process({.id = id});
  process.is_known = true;
  return {};
}

// A value that is nil holds no key: so begins an operation on all keys, or one without a value.
EventCheck EventPairing::split_key(Event& event) const {
  if (event.value == kAbsent || event.value == kNil) return {};
  const Values& values = history_.values();
  const bool is_pair =
      values.kind(event.value) == ValueKind::kList && values.as_list(event.value).size() == 2;
  if (!is_pair && event.kind != EventKind::kInvoke && event.kind != EventKind::kOk) {
    event.value = kAbsent;  // why it did not work, most likely
    return {};
  }
  if (!is_pair) {
    return in(EventField::kValue, "not [key value], but independent keys were asked for: " +
                                      shown(values, event.value));
  }
  const std::span<const ValueId> pair = values.as_list(event.value);
  event.key = pair[0];
  event.value = pair[1];
  return {};
}

EventCheck EventPairing::find_function(std::string_view name, FunctionId& function) {
  Functions& functions = history_.functions();
  if (const std::optional<FunctionId> known = functions.find(name)) {
    function = *known;
    return {};
  }
  if (functions.size() == kMaxFunctions) {
    return in(EventField::kFunction,
              "more than the limit of " + std::to_string(kMaxFunctions) + " functions");
  }
  function = functions.intern(name);
  is_argument_.push_back(is_argument_kept(name));
  return {};
}

EventCheck EventPairing::invoke(const Event& event, Process& process) {
  const auto problem_of = [&](EventField field, const std::string& what) {
    return in(field, "process " + std::to_string(event.process) + what);
  };
  if (process.open != kNothing) {
    return problem_of(EventField::kNone, " has an operation under way since line " +
                                             std::to_string(process.last_line));
  }
  if (process.has_ended) {
    return problem_of(EventField::kProcess, " ended in info in line " +
                                                std::to_string(process.last_line) +
                                                "; go on under a new number");
  }
  FunctionId function = 0;
  if (EventCheck problem = find_function(event.function, function)) return problem;
  process.open = static_cast<OpIndex>(history_.size());
  history_.append({.scheduled = at_,
                   .sent = at_,
                   .process = process.index,
                   .function = function,
                   .key = event.key,
                   .value = event.value});
  if (event.error != kAbsent) history_.set_error(process.open, event.error);
  if (history_.size() % kMemoryStride != 0 || history_.bytes() <= options_.memory) return {};
  return in(EventField::kNone, "the history takes more than the memory limit of " +
                                   std::to_string(options_.memory) + " bytes");
}

// A read's null in the invocation means "not yet known", a write's is the value nil.
ValueId EventPairing::final_value(const Event& event, FunctionId function, ValueId asked) const {
  if (is_argument_[function]) return asked;
  if (event.kind == EventKind::kOk && event.value != kAbsent) return event.value;
  return asked == kNil ? kAbsent : asked;
}

EventCheck EventPairing::check_completion(const Event& event, const Process& process) const {
  if (process.open == kNothing) {
    const std::string last = std::to_string(process.last_line);
    return in(EventField::kNone,
              "process " + std::to_string(event.process) + " has no operation under way" +
                  (process.last_line == 0 ? "" : ": it was completed in line " + last));
  }
  const std::string& function = history_.functions().name(history_.function()[process.open]);
  if (!event.function.empty() && event.function != function) {
    return in(EventField::kFunction,
              quoted(EventField::kFunction) + " differs from the invocation's '" + function + "'");
  }
  const ValueId key = history_.key()[process.open];
  if (event.key != kAbsent && key != kAbsent && event.key != key) {
    return in(EventField::kKey, quoted(EventField::kKey) +
                                    " differs from the invocation's in line " +
                                    std::to_string(process.last_line));
  }
  return {};
}

EventCheck EventPairing::complete(const Event& event, Process& process, std::size_t line) {
  if (EventCheck problem = check_completion(event, process)) return problem;
  const OpIndex op = process.open;
  const FunctionId function = history_.function()[op];
  const ValueId asked = history_.value()[op];
  if (event.kind == EventKind::kOk && event.value != asked) note_difference(event, op, line);
  const ValueId key = history_.key()[op];
  history_.complete(op, {.completed = at_,
                         .outcome = outcome_of(event.kind),
                         .key = key == kAbsent ? event.key : key,
                         .value = final_value(event, function, asked)});
  if (event.error != kAbsent) history_.set_error(op, event.error);
  process.open = kNothing;
  process.has_ended = event.kind == EventKind::kInfo &&
                      !keeps_process_after_info(history_.functions().name(function));
  return {};
}

// Lists of what does not keep its argument are filled in on the way: reads of a transaction, the
// token of a lock.
void EventPairing::note_difference(const Event& event, OpIndex op, std::size_t line) {
  const ValueId asked = history_.value()[op];
  const auto is_nothing = [](ValueId id) { return id == kAbsent || id == kNil; };
  if (is_nothing(asked) || is_nothing(event.value)) return;
  const bool is_argument = is_argument_[history_.function()[op]];
  const Values& values = history_.values();
  if (!is_argument && values.kind(asked) == ValueKind::kList) return;
  if (++facts_.differing > kMaxDifferences) return;
  facts_.differences.push_back(
      name_ + ":" + std::to_string(line) + ": the completion says " + shown(values, event.value) +
      ", the invocation said " + shown(values, asked) + ": taken is " +
      (is_argument ? "the invocation's, for it is an argument" : "the completion's"));
}

History EventPairing::finish() {
  const auto settle = [this](const Process& process) {
    if (process.open == kNothing) return;
    const OpIndex op = process.open;
    history_.complete(op, {.completed = kNever,
                           .outcome = Outcome::kInfo,
                           .key = history_.key()[op],
                           .value = final_value(Event{.kind = EventKind::kInfo},
                                                history_.function()[op], history_.value()[op])});
  };
  for (const Process& process : low_processes_) settle(process);
  for (const auto& [id, process] : other_processes_) settle(process);
  history_.sort_by_sent();
  return std::move(history_);
}

}  // namespace squall
