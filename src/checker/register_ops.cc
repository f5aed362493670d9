// Splitting a history into registers.
#include "checker/register_ops.h"

#include <algorithm>
#include <utility>

#include "checker/selection.h"

namespace squall {
namespace {

constexpr State kNoState = 0xffff'ffffU;

// The three operations that a register knows, as they are called in this history.
struct Names {
  std::optional<FunctionId> read;
  std::optional<FunctionId> write;
  std::optional<FunctionId> cas;
};

struct Splitter {
  const History& history;
  const RegisterOptions& options;
  Names names;
  Registers registers{};
  std::vector<std::uint32_t> register_of_key{};  // by value id; the last: no key

  Result<> add(OpIndex op);
  Result<> add_cas(OpIndex op, RegisterOp out);
  void add_to_key(OpIndex op, const RegisterOp& out);
};

Error unsupported(const History& history, OpIndex op, const std::string& why) {
  return Error{Errc::kUnsupported,
               "operation " + std::to_string(op) + " (" + history.describe(op) + ") " + why};
}

void Splitter::add_to_key(OpIndex op, const RegisterOp& out) {
  const ValueId key = history.key()[op];
  const std::size_t slot = key == kAbsent ? register_of_key.size() - 1 : key;
  if (register_of_key[slot] == kNoState) {
    register_of_key[slot] = static_cast<std::uint32_t>(registers.keys.size());
    registers.keys.emplace_back().key = key;
  }
  if (!is_crashed(out)) {
    ++registers.seen;
    if (out.call != RegisterCall::kWrite) ++registers.observations;
  }
  registers.keys[register_of_key[slot]].ops.push_back(out);
}

// The client says by its error text whether the comparison failed ("" or "mismatch…") or whether
// the request never arrived (anything else), which says nothing about the value.
bool is_mismatch(std::string_view error) {
  if (error.starts_with(kNegativeAnswer)) error.remove_prefix(kNegativeAnswer.size());
  return error.empty() || error.starts_with("mismatch");
}

Result<> Splitter::add_cas(OpIndex op, RegisterOp out) {
  const ValueId value = history.value()[op];
  const Outcome outcome = history.outcome()[op];
  if (outcome == Outcome::kFail &&
      !(options.is_failed_cas_evidence && is_mismatch(history.error(op)))) {
    return {};
  }
  if (value == kAbsent || history.values().kind(value) != ValueKind::kList ||
      history.values().as_list(value).size() != 2) {
    return unsupported(history, op, "has no [from,to]");
  }
  out.from = history.values().as_list(value)[0];
  out.to = history.values().as_list(value)[1];
  out.call = outcome == Outcome::kFail ? RegisterCall::kDiffers
             : out.from == out.to      ? RegisterCall::kRead
                                       : RegisterCall::kCas;
  if (outcome == Outcome::kInfo && is_pure(out.call)) return {};
  add_to_key(op, out);
  return {};
}

Result<> Splitter::add(OpIndex op) {
  const Outcome outcome = history.outcome()[op];
  const FunctionId function = history.function()[op];
  const ValueId value = history.value()[op];
  const Interval interval = certain_interval(history, op);
  RegisterOp out;
  out.called = interval.sent;
  out.returned = outcome == Outcome::kInfo ? kNever : std::max(interval.sent, interval.completed);
  out.op = op;
  if (function == names.cas && options.is_cas) return add_cas(op, out);
  if (outcome == Outcome::kFail) return {};
  if (function == names.read) {
    if (outcome != Outcome::kOk || value == kAbsent) return {};
    if (value == kNil && options.is_nil_wildcard) return {};
    out.call = RegisterCall::kRead;
    out.from = value;
  } else if (function == names.write) {
    if (value == kAbsent) return unsupported(history, op, "has no value");
    out.call = RegisterCall::kWrite;
    out.to = value;
  } else {
    return unsupported(history, op, "is not an operation of this model");
  }
  add_to_key(op, out);
  return {};
}

// Replaces value ids by dense states.
void make_dense(KeyRegister& reg, std::optional<ValueId> init, std::vector<State>& state_of) {
  const auto state = [&](ValueId value) {
    if (state_of[value] == kNoState) {
      state_of[value] = reg.state_count();
      reg.values.push_back(value);
    }
    return state_of[value];
  };
  if (init) {
    reg.initial = state(*init);
  } else {
    reg.values.push_back(kAbsent);
  }
  for (RegisterOp& op : reg.ops) {
    op.from = op.call == RegisterCall::kWrite ? 0 : state(op.from);
    op.to = is_pure(op.call) ? 0 : state(op.to);
  }
  for (const ValueId value : reg.values) {
    if (value != kAbsent) state_of[value] = kNoState;
  }
}

}  // namespace

RegisterOptions register_options(const Params& params) {
  RegisterOptions options;
  options.client = params.text("client");
  options.is_cas = params.text("model") == "cas-register";
  options.init = params.text("init");
  options.is_nil_wildcard = params.text("nil-read") == "wildcard";
  options.is_failed_cas_evidence = params.text("failed-cas") == "evidence";
  return options;
}

Result<Registers> split_registers(const History& history, const RegisterOptions& options) {
  const Functions& functions = history.functions();
  Splitter splitter{
      history, options, {functions.find("read"), functions.find("write"), functions.find("cas")}};
  const Selection selection(history, options.client);
  splitter.register_of_key.assign(history.values().size() + 1, kNoState);
  for (OpIndex op = 0; op < history.size(); ++op) {
    if (selection.has(op)) TRY(splitter.add(op));
  }
  const std::optional<ValueId> init = find_value(history.values(), options.init);
  std::vector<State> state_of(history.values().size() + 1, kNoState);
  for (KeyRegister& reg : splitter.registers.keys) make_dense(reg, init, state_of);
  return std::move(splitter.registers);
}

}  // namespace squall
