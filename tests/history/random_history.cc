// Each process walks along its own time line; RapidCheck draws the steps, so failures shrink.
#include "tests/history/random_history.h"

#include <rapidcheck.h>

namespace squall {
namespace {

ValueId random_value(Values& values, int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 5 : 4)) {
    case 0:
      return kNil;
    case 1:
      return values.boolean(*rc::gen::arbitrary<bool>());
    case 2:
      return values.integer(*rc::gen::arbitrary<std::int64_t>());
    case 3:
      return values.text(*rc::gen::arbitrary<std::string>());
    default: {
      std::vector<ValueId> items(*rc::gen::inRange<std::size_t>(0, 5));
      for (ValueId& item : items) item = random_value(values, depth - 1);
      return values.list(items);
    }
  }
}

std::string random_error() {
  return *rc::gen::element<std::string>("", "timed out", "é\n\"x\"");
}

// One operation that starts after `now`; returns when the next may start.
std::int64_t append_random(History& history, ProcessIndex process, std::int64_t now,
                           bool is_sent_unique) {
  Operation op;
  op.sent = now + *rc::gen::inRange<std::int64_t>(1, 1'000'000);
  // A residue of its own keeps a process's times apart from the others'.
  if (is_sent_unique) op.sent = (op.sent / 8 + 1) * 8 + process;
  op.scheduled = op.sent - *rc::gen::inRange<std::int64_t>(0, 1000);
  op.first_byte = *rc::gen::element<std::int64_t>(0, op.sent + 100);
  op.process = process;
  op.function = history.functions().intern(*rc::gen::element("read", "write", "cas"));
  op.outcome = *rc::gen::element(Outcome::kOk, Outcome::kFail, Outcome::kInfo);
  if (op.outcome != Outcome::kInfo || *rc::gen::arbitrary<bool>()) {
    op.completed = op.sent + *rc::gen::inRange<std::int64_t>(1, 1'000'000);
  }
  if (*rc::gen::arbitrary<bool>()) op.key = random_value(history.values(), 1);
  if (*rc::gen::arbitrary<bool>()) op.value = random_value(history.values(), 2);
  history.append(op, random_error());
  return op.outcome == Outcome::kInfo ? kNever : op.completed;
}

}  // namespace

History random_history(const RandomHistory& how) {
  History history;
  const int processes = *rc::gen::inRange(1, 5);
  for (int i = 0; i < processes; ++i) {
    history.add_process({.client = i % 2 == 0 ? "kv" : "lock",
                         .id = i * 10,
                         .node = "n" + std::to_string(i),
                         .recorder = i % 2 == 0 ? "" : "r1",
                         .clock_error = Duration(i)});
  }
  for (int i = 0; i < processes; ++i) {
    std::int64_t now = 0;
    const std::size_t count = *rc::gen::inRange<std::size_t>(0, 8);
    for (std::size_t n = 0; n < count && now != kNever; ++n) {
      now = append_random(history, static_cast<ProcessIndex>(i), now, how.is_sent_unique);
    }
  }
  history.sort_by_sent();
  return history;
}

ValueId copy_value(const Values& from, ValueId id, Values& to) {
  if (id == kAbsent) return kAbsent;
  switch (from.kind(id)) {
    case ValueKind::kNull:
      return kNil;
    case ValueKind::kBoolean:
      return to.boolean(from.as_boolean(id));
    case ValueKind::kInteger:
      return to.integer(from.as_integer(id));
    case ValueKind::kText:
      return to.text(from.as_text(id));
    case ValueKind::kList: {
      std::vector<ValueId> items;
      for (const ValueId item : from.as_list(id)) items.push_back(copy_value(from, item, to));
      return to.list(items);
    }
  }
  return kNil;
}

}  // namespace squall
