// Generated histories: the same seed gives the same bytes, and they are what they promise to be.
#include "history/generate/generate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

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
std::size_t impossible_reads(const std::string& text) {
  const History history = read_jsonl(text, "h").value();
  const auto& sent = history.sent();
  const auto& completed = history.completed();
  std::map<ValueId, OpIndex> writers;
  std::vector<OpIndex> done;  // writes that are
  for (OpIndex i = 0; i < history.size(); ++i) {
    if (history.functions().name(history.function()[i]) != "write") continue;
    writers[history.value()[i]] = i;
    if (history.outcome()[i] == Outcome::kOk) done.push_back(i);
  }
  const auto is_possible = [&](OpIndex read) {
    const auto writer = writers.find(history.value()[read]);
    if (writer == writers.end() || sent[writer->second] > completed[read]) return false;
    return std::none_of(done.begin(), done.end(), [&](OpIndex w) {
      return sent[w] > completed[writer->second] && completed[w] < sent[read];
    });
  };
  std::size_t found = 0;
  for (OpIndex i = 0; i < history.size(); ++i) {
    if (history.functions().name(history.function()[i]) != "read") continue;
    if (history.value()[i] != kNil && !is_possible(i)) ++found;
  }
  return found;
}

TEST(Generate, ARegisterErrsOnlyWhereItIsAskedTo) {
  const Given sane = {{"operations", "1000"}, {"values", "0"}, {"clients", "2"}, {"reads", "70%"}};
  EXPECT_EQ(impossible_reads(generated("register", sane)), 0U);
  for (const char* fault : {"stale-read=10%", "lost-write=10%"}) {
    Given faulty = sane;
    faulty["faulty"] = fault;
    EXPECT_GT(impossible_reads(generated("register", faulty)), 10U) << fault;
  }
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
