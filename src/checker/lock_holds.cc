// Reading a lock client's history.
#include "checker/lock_holds.h"

#include <algorithm>
#include <tuple>

namespace squall {
namespace {

struct ProcessState {
  enum class Asked { kNever, kAcquired, kUncertain };
  Asked asked = Asked::kNever;
  OpIndex acquire = 0;
  bool is_holding = false;
  std::int64_t last_seen = 0;  // while holding
};

class LockReader {
 public:
  LockReader(const History& history, const Selection& selection)
      : history_(history),
        selection_(selection),
        acquire_(history.functions().find("acquire")),
        release_(history.functions().find("release")),
        write_(history.functions().find("write")),
        states_(history.processes().size()) {}

  LockHistory read() {
    for (OpIndex op = 0; op < history_.size(); ++op) add(op);
    for (ProcessState& state : states_) {
      if (state.is_holding) end_hold(state, state.last_seen);
    }
    std::sort(result_.holds.begin(), result_.holds.end(), [](const Hold& a, const Hold& b) {
      return std::tie(a.lock, a.from, a.acquire) < std::tie(b.lock, b.from, b.acquire);
    });
    return std::move(result_);
  }

 private:
  void add(OpIndex op) {
    ProcessState& state = states_[history_.process()[op]];
    if (selection_.has(op, acquire_)) return on_acquire(op, state);
    if (selection_.has(op, release_)) return on_release(op, state);
    if (selection_.has(op, write_)) on_write(op, state);
  }

  void on_acquire(OpIndex op, ProcessState& state) {
    if (history_.outcome()[op] == Outcome::kFail) return;
    if (state.is_holding) end_hold(state, state.last_seen);
    state.acquire = op;
    const std::int64_t completed = history_.completed()[op];
    const bool is_ok = history_.outcome()[op] == Outcome::kOk && completed != kNever;
    state.asked = is_ok ? ProcessState::Asked::kAcquired : ProcessState::Asked::kUncertain;
    state.is_holding = is_ok;
    state.last_seen = completed;
  }

  // Who asks for the release no longer relies on the lock, unless it is told that it did not
  // happen: until then it certainly had not given it back.  It may have lost it, so it is not
  // taken for a holder after that.
  void on_release(OpIndex op, ProcessState& state) {
    if (!state.is_holding) return;
    const bool is_failed =
        history_.outcome()[op] == Outcome::kFail && history_.completed()[op] != kNever;
    end_hold(state, is_failed ? history_.completed()[op] : history_.sent()[op]);
  }

  void on_write(OpIndex op, ProcessState& state) {
    result_.has_writes = true;
    const std::int64_t completed = history_.completed()[op];
    const std::int64_t seen = completed == kNever ? history_.sent()[op] : completed;
    state.last_seen = std::max(state.last_seen, seen);
    if (history_.outcome()[op] != Outcome::kOk) return;
    if (state.asked == ProcessState::Asked::kUncertain) return;
    GuardedWrite write{op, kAbsent, std::nullopt};
    if (state.asked == ProcessState::Asked::kAcquired) {
      write.acquire = state.acquire;
      write.lock = history_.key()[state.acquire];
    }
    result_.writes.push_back(write);
  }

  void end_hold(ProcessState& state, std::int64_t until) {
    const std::int64_t error = clock_error(history_, state.acquire);
    Hold hold;
    hold.lock = history_.key()[state.acquire];
    hold.process = history_.process()[state.acquire];
    hold.acquire = state.acquire;
    hold.from = shifted(history_.completed()[state.acquire], error);
    hold.until = shifted(until, -error);
    result_.holds.push_back(hold);
    state.is_holding = false;
  }

  const History& history_;
  const Selection& selection_;
  std::optional<FunctionId> acquire_;
  std::optional<FunctionId> release_;
  std::optional<FunctionId> write_;
  std::vector<ProcessState> states_;
  LockHistory result_;
};

std::optional<std::int64_t> token(const History& history, OpIndex acquire) {
  const ValueId value = history.value()[acquire];
  if (value == kAbsent || history.values().kind(value) != ValueKind::kInteger) return std::nullopt;
  return history.values().as_integer(value);
}

}  // namespace

LockHistory read_locks(const History& history, const Selection& selection) {
  return LockReader(history, selection).read();
}

bool is_certainly_later(const History& history, OpIndex later, OpIndex earlier) {
  const auto a = token(history, earlier);
  const auto b = token(history, later);
  if (a && b && *a != *b) return *b > *a;
  return certain_interval(history, later).sent > certain_interval(history, earlier).completed;
}

}  // namespace squall
