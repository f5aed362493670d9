// Reading transactions: both forms of JSON lines, AWDIT's text, and what is wrong with them.
#include "history/transactions.h"

#include <gtest/gtest.h>

#include "history/jsonl.h"

namespace squall {
namespace {

Transactions read(const std::string& text) {
  return read_transactions_jsonl(text, "t.jsonl").value();
}

std::string error(const std::string& text) {
  const Result<Transactions> result = read_transactions_jsonl(text, "t.jsonl");
  return result.ok() ? "no error" : result.error().what;
}

// "r x [1,2]; append x 3" and so on, as what was kept.
std::string shown(const Transactions& txns, TxnIndex txn) {
  std::string text;
  for (const MicroOp& op : txns.at(txn)) {
    text += (text.empty() ? "" : "; ") + std::string(op.kind() == MicroKind::kWrite    ? "w "
                                                     : op.kind() == MicroKind::kAppend ? "append "
                                                                                       : "r ");
    text += txns.names.key_name(op.key()) + " ";
    if (op.kind() == MicroKind::kListRead || op.kind() == MicroKind::kOddRead) {
      text += op.kind() == MicroKind::kOddRead ? "odd [" : "[";
      for (const TxnValue value : txns.list(op)) text += txns.names.value_name(value) + " ";
      text += "]";
    } else {
      text += txns.names.value_name(op.value);
    }
  }
  return text;
}

std::string events(const std::string& value) {
  return R"({"p":0,"e":"invoke","f":"txn","v":)" + value + "}\n" +
         R"({"p":0,"e":"ok","f":"txn","v":)" + value + "}\n";
}

TEST(Transactions, ListsBecomeLengthsOfTheLongest) {
  const Transactions txns =
      read(events(R"([["r",5,[1,2]],["append",5,3]])") + events(R"([["r",5,[1,2,3]]])") +
           events(R"([["r",5,[1]],["r",5,[]],["r",5,null]])"));
  EXPECT_EQ(shown(txns, 0), "r 5 [1 2 ]; append 5 3");
  EXPECT_EQ(shown(txns, 1), "r 5 [1 2 3 ]");
  EXPECT_EQ(shown(txns, 2), "r 5 [1 ]; r 5 []; r 5 nil");
  EXPECT_EQ(txns.versions.size(), 3U);
  EXPECT_TRUE(txns.odd.empty());
}

TEST(Transactions, TheLongestListWinsWheneverItComes) {
  const Transactions txns = read(events(R"([["r",5,[1,2]]])") + events(R"([["r",5,[2,1,3]]])") +
                                 events(R"([["r",5,[2,1]]])") + events(R"([["r",5,[1]]])"));
  EXPECT_EQ(shown(txns, 0), "r 5 odd [1 2 ]");
  EXPECT_EQ(shown(txns, 1), "r 5 [2 1 3 ]");
  EXPECT_EQ(shown(txns, 2), "r 5 [2 1 ]");
  EXPECT_EQ(shown(txns, 3), "r 5 odd [1 ]");
}

TEST(Transactions, BothWaysThroughALineAgree) {
  const std::string quick = events(R"([["r",5,[1,2]],["append","x",-3],["w",6,"a"]])");
  const std::string thorough =
      events(R"([ ["r" , 5, [1 ,2]], ["append","\u0078",-3],["w",6,"a"]])");
  EXPECT_EQ(shown(read(quick), 0), "r 5 [1 2 ]; append x -3; w 6 \"a\"");
  EXPECT_EQ(shown(read(thorough), 0), shown(read(quick), 0));
  const Transactions mixed = read(quick + thorough + quick);
  EXPECT_EQ(shown(mixed, 1), shown(mixed, 2));
  EXPECT_EQ(mixed.versions.size(), 2U);
  // A number that only the thorough way can read leaves nothing behind on the quick one.
  EXPECT_EQ(shown(read(events(R"([["r",5,[1]]])") + events(R"([["r",5,[1,2.5]]])")), 1),
            "r 5 [1 \"2.5\" ]");
}

TEST(Transactions, WhatWasNotAcknowledgedKeepsItsInvocation) {
  const Transactions txns =
      read(R"({"p":0,"e":"invoke","f":"txn","v":[["r",1,null],["append",1,1]],"t":1})"
           "\n"
           R"({"p":1,"e":"invoke","f":"txn","v":[["append",1,2]],"t":2})"
           "\n"
           R"({"p":0,"e":"info","f":"txn","v":[["r",1,[7]],["append",1,1]],"t":3})"
           "\n"
           R"({"p":"nemesis","e":"info","f":"start","t":4})"
           "\n");
  EXPECT_EQ(shown(txns, 0), "r 1 ?; append 1 1");
  EXPECT_EQ(txns.outcome[0], Outcome::kInfo);
  EXPECT_EQ(shown(txns, 1), "append 1 2");
  EXPECT_EQ(txns.completed[1], kNever);
  EXPECT_TRUE(txns.versions.empty());
}

TEST(Transactions, SessionsCarryNoTimes) {
  const std::string text = R"({"s":3,"t":0,"c":true,"ops":[["w",0,1],["r",1,null]]})"
                           "\n"
                           R"({"s":4,"t":1,"c":false,"ops":[["r",0,1]]})";
  const Transactions txns = read(text);
  EXPECT_EQ(shown(txns, 0), "w 0 1; r 1 nil");
  EXPECT_EQ(txns.outcome[1], Outcome::kFail);
  EXPECT_FALSE(txns.has_times());
  EXPECT_TRUE(is_transactions_jsonl(text));
  EXPECT_FALSE(is_transactions_jsonl(R"({"p":0,"e":"invoke","f":"read","v":null})"));
}

TEST(Transactions, ErrorsNameLineAndColumn) {
  const std::string good = events(R"([["w",0,1]])");
  EXPECT_EQ(error(good + R"({"p":0,"e":"ok","f":"txn","v":[["w",0,1]]})"),
            "t.jsonl:3:1: process 0 has no transaction under way: it was completed in line 2");
  EXPECT_EQ(error(R"({"p":0,"e":"invoke","f":"txn","v":[["cas",0,1]]})"),
            "t.jsonl:1:35: 'cas' is no micro-operation; there are r, w and append");
  EXPECT_EQ(error(R"({"p":0,"e":"invoke","f":"read","v":null})"),
            "t.jsonl:1:25: \"f\" is 'read' among transactions (\"txn\")");
  EXPECT_EQ(error(R"({"p":0,"e":"invoke","f":"txn","v":[["w",0,1]]})"
                  "\n"
                  R"({"p":0,"e":"ok","f":"txn","v":[["w",0,2]]})"),
            "t.jsonl:2:31: \"v\" has other micro-operations than the invocation in line 1");
  EXPECT_EQ(error(good + R"({"s":0,"ops":[]})"),
            "t.jsonl:3:6: sessions (\"s\") and events (\"p\") are mixed");
  EXPECT_EQ(error(R"({"p":0,"e":"invoke","f":"txn","v":[["w",0,1]})"),
            "t.jsonl:1:45: not valid JSON: The JSON document has an improper "
            "structure: missing or superfluous commas, braces, missing keys, etc.");
}

TEST(Transactions, OfAHistory) {
  const std::string text = events(R"([["r",5,[1,2]],["w","x",3]])");
  const Transactions txns = transactions_of(read_jsonl(text, "t.jsonl").value());
  EXPECT_EQ(shown(txns, 0), "r 5 [1 2 ]; w x 3");
  EXPECT_EQ(txns.operation, std::vector<OpIndex>{0});
}

TEST(Transactions, Awdit) {
  const Transactions txns = read_awdit("w 0 1\nr 1 2\n-----\nr 0 1\n=====\nw 1 2", "a.txt").value();
  EXPECT_EQ(txns.size(), 3U);
  EXPECT_EQ(shown(txns, 0), "w 0 1; r 1 2");
  EXPECT_EQ(txns.session, (std::vector<std::uint32_t>{0, 0, 1}));
  EXPECT_EQ(read_awdit("w 0 1\nx 2 3\n", "a.txt").error().what,
            "a.txt:2:1: expected 'w KEY VALUE', 'r KEY VALUE', '-----' or '====='");
  EXPECT_EQ(read_awdit("w 0", "a.txt").error().what, "a.txt:1:4: the value must be a whole number");
}

}  // namespace
}  // namespace squall
