// Generated histories: the same seed gives the same bytes, and they are what they promise to be.
#include "history/generate/generate.h"

#include <gtest/gtest.h>

#include <set>

#include "history/jsonl.h"
#include "history/transactions.h"

namespace squall {
namespace {

using Given = std::map<std::string, std::string>;

// The text, or the error.
std::string generated(const std::string& workload, const Given& given) {
  const WorkloadRow* const row = find_workload(workload);
  if (row == nullptr) return "no such workload";
  const Result<Params> params = make_params(row->params, given);
  if (!params.ok()) return params.error().what;
  std::string text;
  const Result<> done = row->generate(*params, [&text](std::string_view piece) {
    text += piece;
    return Result<>();
  });
  return done.ok() ? text : done.error().what;
}

TEST(Generate, TheSameSeedGivesTheSameBytes) {
  for (const WorkloadRow& row : workloads()) {
    const std::string name(row.name);
    const std::string one = generated(name, {{"operations", "200"}, {"info-rate", "5%"}});
    EXPECT_EQ(one, generated(name, {{"operations", "200"}, {"info-rate", "5%"}})) << name;
    EXPECT_NE(one, generated(name, {{"operations", "200"}, {"info-rate", "5%"}, {"seed", "2"}}))
        << name;
  }
}

TEST(Generate, WhatIsMadeIsAHistoryOfThatManyOperations) {
  for (const WorkloadRow& row : workloads()) {
    const std::string name(row.name);
    const std::string text = generated(name, {{"operations", "300"}, {"info-rate", "10%"}});
    const Result<History> history = read_jsonl(text, name);
    ASSERT_TRUE(history.ok()) << history.error().what;
    const std::size_t last = name == "set" ? 1 : 0;
    EXPECT_EQ(history->size(), 300 + last) << name;
    std::size_t unheard = 0;
    for (const Outcome outcome : history->outcome()) unheard += outcome == Outcome::kInfo ? 1 : 0;
    EXPECT_GT(unheard, 10U) << name;
    EXPECT_LT(unheard, 60U) << name;
  }
}

// A register whose reads each return a value that was current at some moment between its invocation
// and its completion: with unique values, one that was written before the read ended, and not
// overwritten by a write that began after it was done and ended before the read began.
std::size_t impossible_reads(const History& history) {
  std::size_t found = 0;
  const auto& sent = history.sent();
  const auto& completed = history.completed();
  for (OpIndex r = 0; r < history.size(); ++r) {
    if (history.functions().name(history.function()[r]) != "read") continue;
    if (history.outcome()[r] != Outcome::kOk || history.value()[r] == kNil) continue;
    std::optional<OpIndex> writer;
    for (OpIndex w = 0; w < history.size(); ++w) {
      const bool is_write = history.functions().name(history.function()[w]) == "write";
      if (is_write && history.value()[w] == history.value()[r]) writer = w;
    }
    bool is_possible = writer && sent[*writer] < completed[r];
    for (OpIndex w = 0; w < history.size() && is_possible; ++w) {
      const bool is_between = history.functions().name(history.function()[w]) == "write" &&
                              history.outcome()[w] == Outcome::kOk &&
                              sent[w] > completed[*writer] && completed[w] < sent[r];
      is_possible = !is_between;
    }
    found += is_possible ? 0 : 1;
  }
  return found;
}

TEST(Generate, ARegisterErrsOnlyWhereItIsAskedTo) {
  const Given sane = {{"operations", "2000"}, {"values", "0"}, {"clients", "3"}};
  Given faulty = sane;
  EXPECT_EQ(impossible_reads(*read_jsonl(generated("register", sane), "h")), 0U);
  faulty["faulty"] = "stale-read=5%";
  EXPECT_GT(impossible_reads(*read_jsonl(generated("register", faulty), "h")), 5U);
  faulty["faulty"] = "lost-write=5%";
  EXPECT_GT(impossible_reads(*read_jsonl(generated("register", faulty), "h")), 5U);
}

TEST(Generate, KeysAreUsedUpOneAfterTheOther) {
  const Result<History> history = read_jsonl(
      generated("register", {{"operations", "3000"}, {"keys", "10"}, {"info-rate", "30%"}}), "h");
  ASSERT_TRUE(history.ok()) << history.error().what;
  std::map<ValueId, std::size_t> counts;
  for (const ValueId key : history->key()) ++counts[key];
  ASSERT_EQ(counts.size(), 10U);
  for (const auto& [key, count] : counts) EXPECT_EQ(count, 300U);
}

TEST(Generate, ASerializableDatabasesListsAreAllPrefixesOfOne) {
  for (const char* isolation : {"strict-serializable", "snapshot-isolation", "read-committed"}) {
    const Result<Transactions> read = read_transactions_jsonl(
        generated("list-append", {{"operations", "2000"}, {"isolation", isolation}}), "h");
    ASSERT_TRUE(read.ok()) << read.error().what;
    EXPECT_EQ(read->size(), 2000U);
    if (std::string_view(isolation) != "read-committed") {
      EXPECT_TRUE(read->odd.empty()) << isolation;
    }
  }
}

TEST(Generate, SessionsAreTheOtherForm) {
  const std::string text = generated("rw-register", {{"operations", "500"},
                                                     {"form", "sessions"},
                                                     {"steps-min", "8"},
                                                     {"steps-max", "8"},
                                                     {"keys", "3"}});
  const Result<Transactions> read = read_transactions_jsonl(text, "h");
  ASSERT_TRUE(read.ok()) << read.error().what;
  EXPECT_EQ(read->size(), 500U);
  EXPECT_EQ(read->ops.size(), 4000U);
  EXPECT_FALSE(read->has_times());
}

TEST(Generate, SaysWhatItCannotDo) {
  EXPECT_EQ(generated("register", {{"faulty", "stale-red=1%"}}),
            "--faulty: unknown 'stale-red'; did you mean 'stale-read'?");
  EXPECT_EQ(generated("register", {{"faulty", "stale-read"}}),
            "--faulty: 'stale-read' wants a rate: stale-read=1%");
  EXPECT_EQ(generated("list-append", {{"writes-per-key", "0"}}),
            "'writes-per-key' of 0 would let lists grow for ever");
  EXPECT_EQ(generated("register", {{"operations", "1000000"}, {"info-rate", "30%"}}),
            "every info uses up a process, and a history holds 65535 of them: lower 'info-rate', "
            "'operations' or 'clients'");
}

}  // namespace
}  // namespace squall
