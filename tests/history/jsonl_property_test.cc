// Writing and reading give back the history, in JSON lines and in a run file.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "history/jsonl.h"
#include "history/run_file.h"
#include "tests/history/random_history.h"
#include "tests/history/temporary_folder.h"

namespace squall {
namespace {

// What JSON lines can say of an operation's value: null for an answer that nobody saw is no answer.
std::string value_in_lines(const History& history, OpIndex index) {
  const Operation op = history.at(index);
  const bool is_answer = !is_argument_kept(history.functions().name(op.function));
  if (op.value == kAbsent) return "absent";
  if (op.value == kNil && is_answer && op.outcome != Outcome::kOk) return "absent";
  return history.values().to_json(op.value);
}

RC_GTEST_PROP(JsonlLaws, ReadingWhatWasWrittenGivesTheSameOperations, ()) {
  const History original = random_history({});
  const Result<History> read = read_jsonl(write_jsonl(original), "h");
  if (!read.ok()) RC_FAIL(read.error().what);
  RC_ASSERT(read->size() == original.size());
  for (OpIndex i = 0; i < original.size(); ++i) {
    const Operation before = original.at(i);
    const Operation after = read->at(i);
    RC_ASSERT(read->processes()[after.process].id == original.processes()[before.process].id);
    RC_ASSERT(after.sent == before.sent);
    RC_ASSERT(after.completed == before.completed);
    RC_ASSERT(after.outcome == before.outcome);
    RC_ASSERT(read->functions().name(after.function) == original.functions().name(before.function));
    RC_ASSERT(value_in_lines(*read, i) == value_in_lines(original, i));
    RC_ASSERT((after.key == kAbsent) == (before.key == kAbsent));
    if (after.key != kAbsent) {
      RC_ASSERT(read->values().to_json(after.key) == original.values().to_json(before.key));
    }
    RC_ASSERT(read->error(i) == original.error(i));
  }
}

RC_GTEST_PROP(RunFileLaws, ReadingWhatWasWrittenGivesTheSameDigest, ()) {
  const History original = random_history({});
  const TestFolder folder;
  Result<RunFileWriter> writer = RunFileWriter::create(folder / "a.squall");
  RC_ASSERT(writer.ok());
  writer->add_operations(original, 0);
  RC_ASSERT(writer->close().ok());
  const Result<Recording> read = read_run_file(folder / "a.squall");
  if (!read.ok()) RC_FAIL(read.error().what);
  RC_ASSERT(read->history.digest() == original.digest());
}

}  // namespace
}  // namespace squall
