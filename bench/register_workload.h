// Seeded histories of registers that are linearizable by construction: closed-loop clients, every
// operation takes effect at a random instant between its call and its return.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "history/recording.h"

namespace squall::bench {

struct RegisterWorkload {
  std::uint64_t operations = 50'000;
  std::uint64_t clients = 10;
  std::uint64_t values = 5;  // 0: every write has a value of its own
  std::uint64_t keys = 1;
  std::uint64_t crashed_percent = 0;  // info; half of those take effect
  bool has_cas = false;
};

struct RegisterFunctions {
  FunctionId read, write, cas;
};

struct PendingOp {
  std::int64_t at = 0;  // of the effect
  std::int64_t to = 0;
  std::int64_t from = 0;
  bool takes_effect = true;
  Operation op;
};

inline std::int64_t below(Rng& rng, std::uint64_t bound) {
  return static_cast<std::int64_t>(rng.below(bound));
}

inline PendingOp draw(Rng& rng, const RegisterWorkload& workload, const RegisterFunctions& names,
                      std::uint64_t number, std::int64_t free_at) {
  PendingOp pending;
  Operation& op = pending.op;
  const std::uint64_t kind = rng.below(workload.has_cas ? 3 : 2);
  op.function = kind == 0 ? names.read : kind == 1 ? names.write : names.cas;
  op.sent = op.scheduled = free_at + 1 + below(rng, 100);
  pending.at = op.sent + below(rng, 500);
  op.completed = pending.at + below(rng, 500);
  op.outcome = Outcome::kOk;
  if (rng.below(100) < workload.crashed_percent) {
    op.outcome = Outcome::kInfo;
    pending.takes_effect = rng.below(2) == 0;
  }
  pending.to =
      workload.values == 0 ? static_cast<std::int64_t>(number) : below(rng, workload.values);
  pending.from = workload.values == 0 ? 0 : below(rng, workload.values);
  return pending;
}

// A cas that finds another value fails, and says so.
inline void take_effect(PendingOp& pending, const RegisterFunctions& names, ValueId& state,
                        Values& values) {
  Operation& op = pending.op;
  if (op.function == names.write) {
    op.value = values.integer(pending.to);
    if (pending.takes_effect) state = op.value;
  } else if (op.function == names.cas) {
    const ValueId from = values.integer(pending.from);
    op.value = values.pair(from, values.integer(pending.to));
    const bool is_met = state == from;
    if (is_met && pending.takes_effect) state = values.integer(pending.to);
    if (!is_met && op.outcome == Outcome::kOk) op.outcome = Outcome::kFail;
  } else {
    op.value = op.outcome == Outcome::kOk ? state : kAbsent;
  }
}

inline Recording simulate(const RegisterWorkload& workload, std::uint64_t seed = 1) {
  Rng rng(seed);
  Recording recording;
  History& history = recording.history;
  const RegisterFunctions names{history.functions().intern("read"),
                                history.functions().intern("write"),
                                history.functions().intern("cas")};
  std::vector<std::int64_t> free_at(workload.clients, 0);
  std::vector<ProcessIndex> process(workload.clients);
  std::int64_t next_id = 0;
  const auto add_process = [&] {
    Process one;
    one.id = next_id++;
    return history.add_process(one);
  };
  for (ProcessIndex& index : process) index = add_process();
  std::vector<PendingOp> all;
  for (std::uint64_t i = 0; i < workload.operations; ++i) {
    const std::uint64_t client = i % workload.clients;
    PendingOp pending = draw(rng, workload, names, i, free_at[client]);
    pending.op.process = process[client];
    pending.op.key = history.values().integer(below(rng, workload.keys));
    free_at[client] = pending.op.completed;
    if (pending.op.outcome == Outcome::kInfo) process[client] = add_process();
    all.push_back(pending);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const PendingOp& a, const PendingOp& b) { return a.at < b.at; });
  std::vector<ValueId> state(workload.keys, kNil);
  for (PendingOp& pending : all) {
    const auto key = static_cast<std::size_t>(history.values().as_integer(pending.op.key));
    take_effect(pending, names, state[key], history.values());
    history.append(pending.op);
  }
  history.sort_by_sent();
  return recording;
}

}  // namespace squall::bench
