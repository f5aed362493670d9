// Every model of linearizable: accepts, rejects with its exact sentence, ignores what nobody saw,
// and proves nothing from nothing.
#include <gtest/gtest.h>

#include "tests/checker/history_text.h"

namespace squall {
namespace {

struct ModelCase {
  const char* model;  // and further parameters
  const char* accepted;
  const char* rejected;
  const char* sentence;
  const char* unseen;   // crashed or failed operations that may explain everything
  const char* nothing;  // no observation
};

void PrintTo(const ModelCase& one, std::ostream* out) {
  *out << one.model;
}

const ModelCase kCases[] = {
    {"multi-register,init=0",
     "0 ok txn - [[write,x,1],[write,y,2]] | 1 ok txn - [[read,x,1],[read,y,2]]",
     "0 ok txn - [[write,x,1],[write,y,2]] | 1 ok txn - [[read,x,1],[read,y,0]]",
     "process 1 read x = 1 and read y = 0 (operation 1), but only x = 1, y = 2 was possible there; "
     "no order of these 2 operations works",
     "0 info txn - [[write,x,1]] | 1 ok txn - [[read,x,0]] | 1 ok txn - [[read,x,1]]",
     "0 ok txn - [[write,x,1]]"},
    {"key-value", "0 ok put k a | 1 ok append k b | 0 ok get k ab | 0 ok get j nil",
     "0 ok put k a | 1 ok append k b | 0 ok get k a",
     "key k: process 0 got \"a\" (operation 2), but only \"ab\" was possible there; no order of "
     "these 3 operations works",
     "0 info append k a | 1 ok get k nil | 1 ok get k a", "0 ok put k a"},
    {"mutex", "0 ok acquire - - | 0 ok release - - | 1 ok acquire - -",
     "0 ok acquire - - | 1 ok acquire - -",
     "process 1 acquired (operation 1), but only held was possible there; no order of these 2 "
     "operations works",
     "0 ok acquire - - | 0 info release - - | 1 ok acquire - - | 2 fail acquire - -",
     "0 info acquire - -"},
    {"semaphore,permits=2", "0 ok acquire - - | 1 ok acquire - - | 1 ok release - -",
     "0 ok acquire - - | 1 ok acquire - - | 2 ok acquire - -",
     "process 2 acquired (operation 2), but only 2 of 2 held was possible there; no order of these "
     "3 operations works",
     "0 ok acquire - - | 1 ok acquire - - | 1 info release - - | 2 ok acquire - -", ""},
    {"reentrant-lock", "0 ok acquire - - | 0 ok acquire - - | 0 ok release - - | 0 ok release - -",
     "0 ok acquire - - | 0 ok acquire - - | 0 ok release - - | 1 ok acquire - -",
     "process 1 acquired (operation 3), but only held once was possible there; no order of these 4 "
     "operations works",
     "0 ok acquire - - | 0 info release - - | 1 ok acquire - -", "0 info release - -"},
    {"fenced-lock", "0 ok acquire - 4 | 0 ok release - - | 1 ok acquire - 9",
     "0 ok acquire - 4 | 0 ok release - - | 1 ok acquire - 4",
     "process 1 acquired with token 4 (operation 2), but only free after token 4 was possible "
     "there; no order of these 3 operations works",
     "0 ok acquire - 4 | 0 info release - - | 1 ok acquire - 5", "0 info acquire - -"},
    {"fifo-queue",
     "0 ok enqueue - 1 | 0 ok enqueue - 2 | 1 ok dequeue - 1 | 1 ok dequeue - 2 | 1 ok dequeue - "
     "nil",
     "0 ok enqueue - 1 | 0 ok enqueue - 2 | 1 ok dequeue - 2",
     "process 1 dequeued 2 (operation 2), but only [1,2] was possible there; no order of these 3 "
     "operations works",
     "0 ok enqueue - 1 | 0 ok enqueue - 2 | 2 info dequeue - - | 1 ok dequeue - 2",
     "0 ok enqueue - 1"},
    {"unordered-queue",
     "0 ok enqueue - 1 | 0 ok enqueue - 2 | 1 ok dequeue - 2 | 1 ok dequeue - 1 | 1 ok dequeue - "
     "nil",
     "0 ok enqueue - 1 | 1 ok dequeue - 1 | 2 ok dequeue - 1",
     "process 2 dequeued 1 (operation 2), but only [] was possible there; no order of these 3 "
     "operations works",
     "0 ok enqueue - 1 | 2 info dequeue - - | 1 ok dequeue - nil", "0 ok enqueue - 1"},
    {"stack", "0 ok push - 1 | 0 ok push - 2 | 1 ok pop - 2 | 1 ok pop - 1 | 1 ok pop - nil",
     "0 ok push - 1 | 0 ok push - 2 | 1 ok pop - 1",
     "process 1 popped 1 (operation 2), but only [1,2] was possible there; no order of these 3 "
     "operations works",
     "0 ok push - 1 | 0 ok push - 2 | 2 info pop - - | 1 ok pop - 1", "0 ok push - 1"},
    {"set",
     "0 ok add - 1 | 1 ok read - [1] | 0 ok remove - 1 | 1 ok read - [] | 1 ok contains - "
     "[1,false]",
     "0 ok add - 1 | 0 ok add - 2 | 1 ok read - [1]",
     "process 1 read [1] (operation 2), but only [1,2] was possible there; no order of these 3 "
     "operations works",
     "0 info add - 1 | 1 ok read - [] | 1 ok read - [1]", "0 ok add - 1"},
    {"counter", "0 ok add - 3 | 1 ok subtract - 1 | 1 ok read - 2",
     "0 ok add - 3 | 1 ok subtract - 1 | 1 ok read - 3",
     "process 1 read 3 (operation 2), but only 2 was possible there; no order of these 3 "
     "operations works",
     "0 info add - 3 | 1 ok read - 0 | 1 ok read - 3", "0 ok add - 3"},
    {"unique-ids", "0 ok generate - 1 | 1 ok generate - 2 | 0 info generate - -",
     "0 ok generate - 1 | 1 ok generate - 2 | 0 ok generate - 1",
     "process 0 was given 1 (operation 2), but only an id that had been given was possible there; "
     "no order of these 2 operations works",
     "0 ok generate - 1 | 1 info generate - - | 2 fail generate - 1", "0 info generate - -"},
    {"append-list", "0 ok append k 1 | 1 ok append k 2 | 0 ok read k [1,2]",
     "0 ok append k 1 | 1 ok append k 2 | 0 ok read k [1]",
     "key k: process 0 read [1] (operation 2), but only [1,2] was possible there; no order of "
     "these 3 operations works",
     "0 info append k 1 | 1 ok read k [] | 1 ok read k [1]", "0 ok append k 1"},
};

class EveryModel : public testing::TestWithParam<ModelCase> {
 protected:
  static Verdict check(const char* text) {
    return test::check("linearizable:model=" + std::string(GetParam().model), text);
  }
};

TEST_P(EveryModel, Accepts) {
  const Verdict verdict = check(GetParam().accepted);
  EXPECT_EQ(verdict.answer, Answer::kValid) << verdict.summary;
}

TEST_P(EveryModel, RejectsWithItsSentence) {
  const Verdict verdict = check(GetParam().rejected);
  EXPECT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary, GetParam().sentence);
}

TEST_P(EveryModel, IgnoresWhatNobodySaw) {
  const Verdict verdict = check(GetParam().unseen);
  EXPECT_EQ(verdict.answer, Answer::kValid) << verdict.summary;
}

TEST_P(EveryModel, ProvesNothingFromNothing) {
  EXPECT_EQ(check("").answer, Answer::kUnknown);
  const Verdict verdict = check(GetParam().nothing);
  EXPECT_EQ(verdict.answer, Answer::kUnknown) << verdict.summary;
}

TEST_P(EveryModel, KnowsItsOperationsOnly) {
  const Verdict verdict = check("0 ok dance - 1");
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_NE(verdict.summary.find("is not an operation of the model"), std::string::npos)
      << verdict.summary;
}

INSTANTIATE_TEST_SUITE_P(All, EveryModel, testing::ValuesIn(kCases));

TEST(LinearizableModels, NilIsNothingThereOrAWildcard) {
  const char* const kText = "0 ok enqueue - 1 | 1 ok dequeue - nil | 1 ok dequeue - 1";
  EXPECT_EQ(test::check("linearizable:model=fifo-queue", kText).answer, Answer::kViolated);
  EXPECT_EQ(test::check("linearizable:model=fifo-queue,nil-read=wildcard", kText).answer,
            Answer::kValid);
}

TEST(LinearizableModels, ClockErrorsWidenIntervals) {
  const char* const kApart =
      "0 ok acquire - - @0-10 | 0 ok release - - @20-30 | "
      "1 ok acquire - - @12-18";
  const char* const kPerhaps =
      "0±2 ok acquire - - @0-10 | 0±2 ok release - - @19-30 | "
      "1±2 ok acquire - - @12-18";
  EXPECT_EQ(test::check("linearizable:model=mutex", kApart).answer, Answer::kViolated);
  EXPECT_EQ(test::check("linearizable:model=mutex", kPerhaps).answer, Answer::kValid);
}

TEST(LinearizableModels, ALongHistoryIsExplainedByItsEnd) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "0 ok acquire - - | 0 ok release - - | ";
  const Verdict verdict =
      test::check("linearizable:model=mutex", text + "1 ok acquire - - | 2 ok acquire - -");
  EXPECT_EQ(verdict.summary,
            "process 2 acquired (operation 601), but only held was possible there; no order of "
            "these 2 operations works, given what came before");
}

}  // namespace
}  // namespace squall
