// Laws of the history, on random ones.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/history/random_history.h"

namespace squall {
namespace {

// The same operations appended in another order, with processes, functions and values interned in
// another order too.
History rebuilt(const History& original, const std::vector<OpIndex>& order) {
  History history;
  std::vector<Process> processes = original.processes();
  for (std::size_t i = processes.size(); i-- > 0;) history.add_process(processes[i]);
  const auto last = static_cast<ProcessIndex>(processes.size() - 1);
  for (const OpIndex index : order) {
    Operation op = original.at(index);
    op.process = static_cast<ProcessIndex>(last - op.process);
    op.function = history.functions().intern(original.functions().name(op.function));
    op.key = copy_value(original.values(), op.key, history.values());
    op.value = copy_value(original.values(), op.value, history.values());
    history.append(op, original.error(index));
  }
  history.sort_by_sent();
  return history;
}

RC_GTEST_PROP(HistoryLaws, TheDigestDoesNotDependOnTheOrderOfAppending, ()) {
  const History original = random_history({.is_sent_unique = true});
  std::vector<OpIndex> order(original.size());
  std::iota(order.begin(), order.end(), OpIndex{0});
  const auto keys = *rc::gen::container<std::vector<int>>(order.size(), rc::gen::arbitrary<int>());
  std::stable_sort(order.begin(), order.end(),
                   [&keys](OpIndex a, OpIndex b) { return keys[a] < keys[b]; });
  RC_ASSERT(rebuilt(original, order).digest() == original.digest());
}

RC_GTEST_PROP(HistoryLaws, SortingIsStable, ()) {
  History history;
  history.add_process({.client = "c", .id = 0});
  const FunctionId function = history.functions().intern("f");
  const auto sent = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<int>(0, 8));
  for (std::size_t i = 0; i < sent.size(); ++i) {
    history.append({.scheduled = sent[i],
                    .sent = sent[i],
                    .process = 0,
                    .function = function,
                    .value = history.values().integer(static_cast<std::int64_t>(i))});
  }
  history.sort_by_sent();
  for (OpIndex i = 1; i < history.size(); ++i) {
    RC_ASSERT(history.sent()[i - 1] <= history.sent()[i]);
    if (history.sent()[i - 1] < history.sent()[i]) continue;
    RC_ASSERT(history.values().as_integer(history.value()[i - 1]) <
              history.values().as_integer(history.value()[i]));
  }
}

RC_GTEST_PROP(HistoryLaws, AppendingWhatAtGaveChangesNothing, ()) {
  const History original = random_history({});
  History copy = original;
  const std::size_t size = original.size();
  for (OpIndex i = 0; i < size; ++i) {
    copy.append(original.at(i), original.error(i));
    const Operation before = original.at(i);
    const Operation after = copy.at(static_cast<OpIndex>(size + i));
    RC_ASSERT(before.scheduled == after.scheduled);
    RC_ASSERT(before.first_byte == after.first_byte);
  }
}

}  // namespace
}  // namespace squall
