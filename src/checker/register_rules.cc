// A register's operations as calls, and who needs what.
#include "checker/register_rules.h"

#include <algorithm>
#include <limits>

namespace squall {
namespace {

constexpr std::int64_t kNobody = std::numeric_limits<std::int64_t>::min();
constexpr CallId kNoCall = 0xffff'ffffU;

// Until when somebody may see each value, and until when somebody may see that it is another.
struct Observers {
  std::vector<std::int64_t> last;  // per value
  std::int64_t last_differs = kNobody;

  void add(const RegisterOp& op) {
    if (needs_from(op.call)) last[op.from] = std::max(last[op.from], op.returned);
    if (op.call == RegisterCall::kDiffers) last_differs = std::max(last_differs, op.returned);
  }
  [[nodiscard]] std::int64_t until(State state) const {
    return std::max(last[state], last_differs);
  }
};

bool does_the_same(const RegisterOp& a, const RegisterOp& b) {
  return a.call == b.call && a.from == b.from && a.to == b.to;
}

std::size_t hash(const RegisterOp& op) {
  std::uint64_t h = (std::uint64_t{op.from} << 32U | op.to) * 0x9e37'79b9'7f4a'7c15ULL;
  h += static_cast<std::uint64_t>(op.call);
  return static_cast<std::size_t>(h ^ (h >> 31U));
}

}  // namespace

RegisterCalls::RegisterCalls(std::span<const RegisterOp> register_ops, State states)
    : state_count(states), writes_(states, kNoCall), reads_(states, kNoCall), others_(16, kNoCall) {
  ops.reserve(register_ops.size());
  for (const RegisterOp& op : register_ops) {
    ops.push_back({op.called, op.returned, id_of(op), op.op});
  }
  find_useful(register_ops);
}

CallId RegisterCalls::add(const RegisterOp& op) {
  RegisterOp call = op;
  if (op.call == RegisterCall::kWrite) call.from = 0;
  if (is_pure(op.call)) call.to = 0;
  calls.push_back(call);
  const bool is_write = op.call == RegisterCall::kWrite;
  infos.push_back({.is_pure = is_pure(op.call), .is_total = is_write, .is_absolute = is_write});
  return static_cast<CallId>(calls.size() - 1);
}

CallId RegisterCalls::id_of(const RegisterOp& op) {
  if (op.call == RegisterCall::kWrite || op.call == RegisterCall::kRead) {
    CallId& id = op.call == RegisterCall::kWrite ? writes_[op.to] : reads_[op.from];
    return id == kNoCall ? id = add(op) : id;
  }
  RegisterOp key = op;
  if (is_pure(op.call)) key.to = 0;
  if (2 * calls.size() >= others_.size()) grow_others();
  const std::size_t mask = others_.size() - 1;
  std::size_t cell = hash(key) & mask;
  while (others_[cell] != kNoCall && !does_the_same(calls[others_[cell]], key)) {
    cell = (cell + 1) & mask;
  }
  if (others_[cell] == kNoCall) others_[cell] = add(key);
  return others_[cell];
}

void RegisterCalls::grow_others() {
  std::size_t cells = others_.size();
  while (cells <= 4 * calls.size()) cells *= 2;
  others_.assign(cells, kNoCall);
  for (CallId id = 0; id < calls.size(); ++id) {
    if (calls[id].call == RegisterCall::kWrite || calls[id].call == RegisterCall::kRead) continue;
    std::size_t cell = hash(calls[id]) & (cells - 1);
    while (others_[cell] != kNoCall) cell = (cell + 1) & (cells - 1);
    others_[cell] = id;
  }
}

// A crashed operation whose result nobody can see is left out.  A crashed compare-and-set that
// stays sees its `from` in turn, hence the loop until nothing more is added.
void RegisterCalls::find_useful(std::span<const RegisterOp> register_ops) {
  Observers observers{std::vector<std::int64_t>(state_count, kNobody)};
  std::vector<RegisterOp> undecided;
  for (const RegisterOp& op : register_ops) {
    if (!is_crashed(op)) {
      observers.add(op);
    } else if (op.call == RegisterCall::kCas) {
      undecided.push_back(op);
    }
  }
  for (bool is_changed = true; is_changed;) {
    is_changed = false;
    std::vector<RegisterOp> rest;
    for (const RegisterOp& op : undecided) {
      if (observers.until(op.to) < op.called) {
        rest.push_back(op);
        continue;
      }
      is_changed = true;
      observers.add(op);
    }
    undecided = std::move(rest);
  }
  for (CallId id = 0; id < calls.size(); ++id) {
    if (!infos[id].is_pure) infos[id].useful_until = observers.until(calls[id].to);
  }
}

RegisterRules::RegisterRules(const RegisterCalls& calls, const OrderPlan& plan)
    : calls_(calls),
      words_(std::max<std::size_t>(1, (plan.slots + 63) / 64)),
      reads_(calls.state_count, words_),
      differs_(calls.state_count + 1, words_),
      cas_(calls.state_count, words_),
      producers_(calls.state_count, words_),
      readers_to_come_(calls.state_count, 0),
      producers_to_come_(calls.state_count, 0),
      crashed_from_(calls.state_count, 0) {}

void RegisterRules::set_under_way(std::uint32_t slot, CallId call, bool is_under_way) {
  const RegisterOp& op = calls_.calls[call];
  if (op.call == RegisterCall::kRead) reads_.set(op.from, slot, is_under_way);
  if (op.call == RegisterCall::kCas) cas_.set(op.from, slot, is_under_way);
  if (op.call == RegisterCall::kDiffers) {
    differs_.set(op.from, slot, is_under_way);
    differs_.set(calls_.state_count, slot, is_under_way);
  }
  if (!is_pure(op.call)) producers_.set(op.to, slot, is_under_way);
}

void RegisterRules::to_come(CallId call, int delta) {
  const RegisterOp& op = calls_.calls[call];
  if (needs_from(op.call)) readers_to_come_[op.from] += static_cast<std::uint32_t>(delta);
  if (!is_pure(op.call)) producers_to_come_[op.to] += static_cast<std::uint32_t>(delta);
  if (op.call == RegisterCall::kDiffers) differs_to_come_ += static_cast<std::uint32_t>(delta);
}

// A crashed compare-and-set needs nothing: it may never have happened.
void RegisterRules::crashed_to_come(CallId call, int delta) {
  const RegisterOp& op = calls_.calls[call];
  producers_to_come_[op.to] += static_cast<std::uint32_t>(delta);
  if (op.call == RegisterCall::kCas) crashed_from_[op.from] += static_cast<std::uint32_t>(delta);
}

}  // namespace squall
