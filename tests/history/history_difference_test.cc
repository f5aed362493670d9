// Two runs that should be the same: one hash, or the first place where they part.
#include "history/history_difference.h"

#include <gtest/gtest.h>

#include <functional>

#include "history/history_hash.h"

namespace squall {
namespace {

// Two operations and two faults; `change` sees the second operation before it is appended.
Recording recording(const std::function<void(History&, Operation&)>& change = {}) {
  Recording made;
  made.meta["started"] = "2026-01-01T00:00:00Z";
  History& history = made.history;
  history.add_process({.client = "kv", .id = 5, .node = "e1"});
  history.add_process({.client = "kv", .id = 6, .node = "e2"});
  Operation op{.scheduled = 64,
               .sent = 128,
               .completed = 1'000,
               .process = 0,
               .function = history.functions().intern("write"),
               .outcome = Outcome::kOk,
               .key = history.values().text("x"),
               .value = history.values().integer(7)};
  history.append(op);
  op.sent = 2'000'000'128;
  op.scheduled = op.sent;
  op.completed = op.sent + 5;
  if (change) change(history, op);
  history.append(op, "late");
  made.faults.push_back({.id = "cut", .kind = "network.partition", .start = 100, .end = 900});
  made.faults.push_back({.id = "kill", .kind = "process.kill", .start = 50, .is_event = true});
  return made;
}

std::string difference(const Recording& again) {
  const auto found = first_difference(recording(), again);
  const bool has_same_hash = history_hash(recording()) == history_hash(again);
  EXPECT_EQ(!found.has_value(), has_same_hash);
  return found ? found->what : "none";
}

std::string changed(const std::function<void(History&, Operation&)>& change) {
  return difference(recording(change));
}

std::string changed_fault(const std::function<void(FaultInterval&)>& change) {
  Recording again = recording();
  change(again.faults[0]);
  return difference(again);
}

TEST(HistoryDifference, EqualRunsHaveNone) {
  EXPECT_EQ(difference(recording()), "none");
}

TEST(HistoryDifference, WhatEqualRunsMayDifferInIsNone) {
  Recording again = recording();
  again.meta["started"] = "2027-12-31T23:59:59Z";
  again.meta["environment"] = R"({"kernel": "another"})";
  again.meta["sealed"] = R"({"real_seconds": 99})";
  again.logs.push_back({.at = 5, .process = "console", .text = "hello"});
  std::swap(again.faults[0], again.faults[1]);
  EXPECT_EQ(difference(again), "none");
}

TEST(HistoryDifference, EveryFieldOfAnOperationIsNamed) {
  EXPECT_EQ(changed([](History&, Operation& op) { op.completed += 37; }),
            "operation 1: completed is 37 ns later");
  EXPECT_EQ(changed([](History&, Operation& op) { op.sent -= 1, op.scheduled -= 1; }),
            "operation 1: scheduled is 1 ns earlier, sent is 1 ns earlier");
  EXPECT_EQ(changed([](History&, Operation& op) {
              op.completed = kNever;
              op.outcome = Outcome::kInfo;
            }),
            "operation 1: outcome differs, completed differs");
  EXPECT_EQ(changed([](History&, Operation& op) { op.first_byte = op.sent + 64; }),
            "operation 1: first byte differs");
  EXPECT_EQ(changed([](History&, Operation& op) { op.process = 1; }),
            "operation 1: process differs, node differs");
  EXPECT_EQ(changed([](History&, Operation& op) { op.outcome = Outcome::kInfo; }),
            "operation 1: outcome differs");
  EXPECT_EQ(changed([](History& h, Operation& op) { op.value = h.values().text("7"); }),
            "operation 1: value differs");
  EXPECT_EQ(changed([](History& h, Operation& op) { op.function = h.functions().intern("read"); }),
            "operation 1: function differs");
}

TEST(HistoryDifference, EveryFieldOfAFaultIsNamed) {
  EXPECT_EQ(changed_fault([](FaultInterval& f) { f.end -= 3; }),
            "fault 'cut': end is 3 ns earlier");
  EXPECT_EQ(changed_fault([](FaultInterval& f) { f.end = kNever; }), "fault 'cut': end differs");
  EXPECT_EQ(changed_fault([](FaultInterval& f) { f.targets = "e1 | e2"; }),
            "fault 'cut': targets differs");
  EXPECT_EQ(changed_fault([](FaultInterval& f) { f.kind = f.parameters = f.selected_by = "x"; }),
            "fault 'cut': kind differs, parameters differs, selected by differs");
  EXPECT_EQ(changed_fault([](FaultInterval& f) { f.requested_start = f.requested_end = 9; }),
            "fault 'cut': requested start is 9 ns later, requested end is 9 ns later");
  EXPECT_EQ(changed_fault([](FaultInterval& f) { f.ending = "lease lost"; }),
            "fault 'cut': ending differs");
}

TEST(HistoryDifference, AMissingRowIsNamedOnTheSideThatLacksIt) {
  Recording more = recording();
  more.history.append({.sent = 3'000'000'000, .process = 0, .function = 0});
  EXPECT_EQ(difference(more), "operation 2 was not recorded");
  EXPECT_EQ(first_difference(more, recording())->what, "operation 2 is missing in the replay");
  Recording fewer = recording();
  fewer.faults.pop_back();
  EXPECT_EQ(difference(fewer), "fault 'kill' is missing in the replay");
}

TEST(HistoryDifference, TheFirstInTimeCounts) {
  Recording again = recording([](History&, Operation& op) { op.completed += 1; });
  again.faults[0].end += 1;
  EXPECT_EQ(difference(again), "fault 'cut': end is 1 ns later");
  again.faults[0].start = 2'500'000'000;
  Recording recorded = recording();
  recorded.faults[0].start = 2'400'000'000;
  EXPECT_EQ(first_difference(recorded, again)->what, "operation 1: completed is 1 ns later");
}

TEST(HistoryDifference, BothSidesAreShownToTheNanosecond) {
  const auto found = first_difference(
      recording(), recording([](History&, Operation& op) { op.first_byte = op.sent + 64; }));
  const std::string begin =
      "client kv, process 5, node e1, function write, key \"x\", value 7, outcome ok, error late, "
      "scheduled 2.000000128 s, sent 2.000000128 s, first byte ";
  EXPECT_EQ(found->to_text(), "operation 1: first byte differs\n  recorded: " + begin +
                                  "never, completed 2.000000133 s\n  replayed: " + begin +
                                  "2.000000192 s, completed 2.000000133 s");
}

}  // namespace
}  // namespace squall
