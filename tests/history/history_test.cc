// History: columns give back the rows, describe() is what witnesses print, the digest names a run.
#include "history/history.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace squall {
namespace {

constexpr std::int64_t kMs = 1'000'000;

History two_processes() {
  History history;
  history.add_process({.client = "kv", .id = 3, .node = "e1"});
  history.add_process({.client = "kv", .id = 4, .node = "e2"});
  return history;
}

Operation write(History& history, std::int64_t sent, std::int64_t value) {
  return {.scheduled = sent,
          .sent = sent,
          .first_byte = 0,
          .completed = sent + 2'600'000,
          .process = 0,
          .function = history.functions().intern("write"),
          .outcome = Outcome::kOk,
          .key = history.values().text("x"),
          .value = history.values().integer(value)};
}

TEST(History, DescribesAnOperationInOneLine) {
  History history = two_processes();
  history.append(write(history, 812'400'000, 7));
  EXPECT_EQ(history.describe(0), "process 3 write x 7 (ok, 812.4–815.0 ms)");
}

TEST(History, DescribesWhatIsMissing) {
  History history = two_processes();
  Operation op = write(history, 1 * kMs, 7);
  op.value = kAbsent;
  op.outcome = Outcome::kInfo;
  op.completed = kNever;
  history.append(op);
  op.key = history.values().integer(12);
  op.value = history.values().pair(kNil, history.values().text("b"));
  history.append(op);
  op.key = kAbsent;
  op.outcome = Outcome::kFail;
  op.completed = 3 * kMs;
  history.append(op, "connection refused");
  EXPECT_EQ(history.describe(0), "process 3 write x (info, 1.0 ms, no answer)");
  EXPECT_EQ(history.describe(1), "process 3 write 12 [null,\"b\"] (info, 1.0 ms, no answer)");
  EXPECT_EQ(history.describe(2), "process 3 write [null,\"b\"] (fail, 1.0–3.0 ms)");
  EXPECT_EQ(history.error(0), "");
  EXPECT_EQ(history.error(2), "connection refused");
}

TEST(History, RoundsScheduledAndFirstByteToUnitsOf64Nanoseconds) {
  History history = two_processes();
  Operation op = write(history, 10'000, 7);
  op.scheduled = 10'000 - 64 * 5 - 63;
  op.first_byte = 10'000 + 64 * 7 + 1;
  history.append(op);
  EXPECT_EQ(history.at(0).scheduled, 10'000 - 64 * 5);
  EXPECT_EQ(history.at(0).first_byte, 10'000 + 64 * 7);
  EXPECT_EQ(history.at(0).sent, 10'000);
}

TEST(History, AFirstByteAtOnceIsNotTheSameAsNone) {
  History history = two_processes();
  Operation op = write(history, 0, 7);
  op.first_byte = 1;
  history.append(op);
  op.first_byte = 0;
  history.append(op);
  EXPECT_NE(history.at(0).first_byte, 0);
  EXPECT_EQ(history.at(1).first_byte, 0);
}

TEST(History, AWaitLongerThanTheColumnHoldsIsKeptAsTheLongest) {
  History history = two_processes();
  Operation op = write(history, 1'000'000 * kMs, 7);
  op.scheduled = 0;
  history.append(op);
  EXPECT_EQ((op.sent - history.at(0).scheduled) / (1000 * kMs), 274);
}

TEST(History, SortsBySentAndKeepsTheOrderOfTies) {
  History history = two_processes();
  history.append(write(history, 30, 0), "zero");
  history.append(write(history, 10, 1));
  history.append(write(history, 20, 2), "two");
  history.append(write(history, 10, 3));
  history.sort_by_sent();
  std::string order;
  for (OpIndex i = 0; i < history.size(); ++i) {
    order += history.values().to_json(history.value()[i]) + std::string(history.error(i)) + " ";
  }
  EXPECT_EQ(order, "1 3 2two 0zero ");
}

TEST(History, TheDigestSeesEveryColumn) {
  const auto digest_with = [](auto change, std::string_view error = "") {
    History history = two_processes();
    Operation op = write(history, 1000, 7);
    op.first_byte = 2000;
    change(history, op);
    history.append(op, error);
    return history.digest();
  };
  const std::string plain = digest_with([](History&, Operation&) {});
  EXPECT_EQ(plain.size(), 64U);
  EXPECT_EQ(plain, digest_with([](History&, Operation&) {}));
  EXPECT_NE(plain, digest_with([](History&, Operation&) {}, "refused"));
  EXPECT_NE(plain, digest_with([](History&, Operation& op) { op.scheduled = 0; }));
  EXPECT_NE(plain, digest_with([](History&, Operation& op) { op.sent = 1001; }));
  EXPECT_NE(plain, digest_with([](History&, Operation& op) { op.first_byte = 0; }));
  EXPECT_NE(plain, digest_with([](History&, Operation& op) { op.completed += 1; }));
  EXPECT_NE(plain, digest_with([](History&, Operation& op) { op.process = 1; }));
  EXPECT_NE(plain, digest_with([](History&, Operation& op) { op.outcome = Outcome::kInfo; }));
  EXPECT_NE(plain, digest_with([](History&, Operation& op) { op.key = kAbsent; }));
  EXPECT_NE(plain, digest_with([](History& h, Operation& op) { op.key = h.values().text("y"); }));
  EXPECT_NE(plain, digest_with([](History& h, Operation& op) { op.value = h.values().text("7"); }));
  EXPECT_NE(plain, digest_with(
                       [](History& h, Operation& op) { op.function = h.functions().intern("r"); }));
}

TEST(History, CostsFortyBytesAnOperation) {
  History history = two_processes();
  const std::size_t empty = history.bytes();
  const Operation op = write(history, 10, 7);
  for (int i = 0; i < 1000; ++i) history.append(op);
  EXPECT_EQ(History::kBytesPerOperation, 40U);
  EXPECT_LT(history.bytes() - empty, 1000 * History::kBytesPerOperation + 1000);
}

TEST(Functions, AreFoundByName) {
  Functions functions;
  EXPECT_EQ(functions.find("read"), std::nullopt);
  const FunctionId read = functions.intern("read");
  EXPECT_EQ(functions.intern("read"), read);
  EXPECT_EQ(functions.find("read"), read);
  EXPECT_EQ(functions.name(read), "read");
}

}  // namespace
}  // namespace squall
