// Jepsen's logs, arrays of JSON, and telling formats apart.
#include <gtest/gtest.h>

#include "base/files.h"
#include "history/import.h"
#include "history/jsonl.h"
#include "history/read_recording.h"
#include "history/text_source.h"
#include "tests/history/temporary_folder.h"

namespace squall {
namespace {

std::string described(const Result<History>& history) {
  if (!history.ok()) return history.error().what;
  std::string text;
  for (OpIndex i = 0; i < history->size(); ++i) text += history->describe(i) + "\n";
  return text;
}

TEST(JepsenLog, ReadsWhatStandsBetweenTabs) {
  ImportFacts facts;
  const Result<History> history = read_jepsen_log(
      "INFO  jepsen.core - Worker 1 starting\n"
      "INFO  jepsen.util - 0\t:invoke\t:write\t4\n"
      "2024-05-01 10:00:00,1{GMT}\tINFO\t[worker 1] jepsen.util: 1\t:invoke\t:cas\t[1 2]\r\n"
      "INFO  jepsen.util - :nemesis\t:info\t:start\tnil\n"
      "INFO  jepsen.util - 0\t:info\t:write\t:timed-out\n"
      "INFO  jepsen.util - 1\t:fail\t:cas\t[1 2]\t:conflict\n",
      "h.log", &facts);
  EXPECT_EQ(described(history),
            "process 0 write 4 (info, 0.0–0.0 ms)\n"
            "process 1 cas [1,2] (fail, 0.0–0.0 ms)\n");
  EXPECT_EQ(history->error(0), "timed-out");
  EXPECT_EQ(history->error(1), "conflict");
  EXPECT_EQ(facts.skipped, 1U);
  EXPECT_EQ(facts.ignored, 1U);
}

TEST(JepsenLog, NamesLineAndColumnOfWhatIsWrong) {
  const auto read = [](const std::string& text) {
    return described(read_jepsen_log(text, "h.log"));
  };
  EXPECT_EQ(read("INFO nothing\n"),
            "h.log:1:1: no line of an operation (PROCESS, :invoke or :ok …, :FUNCTION and value, "
            "between tabs)");
  EXPECT_EQ(read("x - 0\t:ok\t:read\t4\n"), "h.log:1:5: process 0 has no operation under way");
  EXPECT_EQ(read("x - 0\t:invoke\t:write\t[4\n"),
            "h.log:1:23: what is opened here is never closed");
  EXPECT_EQ(read("x - 0\t:invoke\t\t4\n"), "h.log:1:15: no function");
}

TEST(JsonArray, ReadsJepsensNamesAndOurs) {
  EXPECT_EQ(described(read_json(
                R"([{"process":0,"type":"invoke","f":"read","time":1000000,"index":0},
 {"process":0,"type":"ok","f":"read","time":2000000,"value":{"0":5},"error":null}])",
                "h.json")),
            "process 0 read [[\"0\",5]] (ok, 1.0–2.0 ms)\n");
  EXPECT_EQ(described(read_json(R"([{"p":0,"e":"invoke","f":"write","v":1}])", "h.json")),
            "process 0 write 1 (info, 0.0 ms, no answer)\n");
  EXPECT_EQ(described(read_json(" [ ] ", "h.json")), "");
}

TEST(JsonArray, NamesLineAndColumnOfWhatIsWrong) {
  const auto read = [](const std::string& text) { return described(read_json(text, "h.json")); };
  const std::string first = "[{\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}";
  EXPECT_EQ(read("{}"), "h.json:1:1: not a JSON array of operations");
  EXPECT_EQ(read("[1]"),
            "h.json:1:2: an operation is an object: {\"process\":0,\"type\":\"invoke\",…}");
  EXPECT_EQ(read(first), "h.json:1:1: an array that is never closed");
  EXPECT_EQ(read(first + "\n 5]"), "h.json:2:2: ',' or ']' is missing between operations");
  EXPECT_EQ(read(first + "] x"), "h.json:1:45: more text behind the array");
  EXPECT_EQ(read(first + ",\n{\"process\":0"),
            "h.json:2:1: an operation that is never closed: the text ends too early");
  EXPECT_EQ(read(first + ",\n{\"process\":0,\"type\":\"maybe\"}]"),
            "h.json:2:21: \"type\" must be one of invoke, ok, fail, info");
  EXPECT_EQ(read(first + ",\n{\"process\":0,\"type\":}]").substr(0, 28),
            "h.json:2:21: not valid JSON");
}

std::string detected(const std::string& text) {
  const Result<RecordingFormat> format = detect_format(text, "h");
  return format.ok() ? std::string(to_text(*format)) : format.error().what;
}

TEST(Detection, GoesByTheContent) {
  EXPECT_EQ(detected(""), "jsonl");
  EXPECT_EQ(detected("\xef\xbb\xbf {\"p\":0}"), "jsonl");
  EXPECT_EQ(detected("{:process 0}"), "edn");
  EXPECT_EQ(detected("#jepsen.history.Op{:process 0}"), "edn");
  EXPECT_EQ(detected("; comment\n[{:process 0}]"), "edn");
  EXPECT_EQ(detected("[{:process 0}]"), "edn");
  EXPECT_EQ(detected("[\n{\"process\":0}]"), "json");
  EXPECT_EQ(detected("[0 :invoke :read nil]"), "edn");
  EXPECT_EQ(detected("INFO x\nINFO  jepsen.util - 0\t:invoke\t:read\tnil\n"), "jepsen-log");
  EXPECT_EQ(detected("w 0 1\n=====\n"), "awdit");
  EXPECT_EQ(detected("=====\n"), "awdit");
  EXPECT_EQ(detected(std::string("SQLite format 3\0", 16)), "squall");
  EXPECT_EQ(detected("hello world"),
            "h:1:1: looks like none of the formats (a run file, JSON lines, JSON, EDN, a Jepsen "
            "log, AWDIT's text); if it is one, name it with --format");
}

TEST(ReadRecording, TakesTheFormatByForceOrByContent) {
  const TestFolder folder;
  const std::string path = folder / "h";
  ASSERT_TRUE(write_file(path, "{:process 0 :type :invoke :f :get :key \"7\"}").ok());
  const Result<ReadRecording> read = read_recording(path);
  ASSERT_TRUE(read.ok()) << read.error().what;
  EXPECT_EQ(to_text(read->format), "edn");
  EXPECT_EQ(read->recording.history.describe(0), "process 0 get 7 (info, 0.0 ms, no answer)");
  const Result<ReadRecording> forced =
      read_recording(path, {.format = RecordingFormat::kJsonLines});
  ASSERT_FALSE(forced.ok());
  EXPECT_EQ(forced.error().what.substr(path.size(), 23), ":1:2: not valid JSON: A");
}

TEST(ReadRecording, OfTransactionsIsColumnsUnlessOperationsAreWanted) {
  const TestFolder folder;
  const std::string path = folder / "h";
  ASSERT_TRUE(write_file(path, R"({"p":0,"e":"invoke","f":"txn","v":[["append",1,2]]})").ok());
  const Result<ReadRecording> columns = read_recording(path);
  ASSERT_TRUE(columns.ok()) << columns.error().what;
  ASSERT_TRUE(columns->recording.transactions.has_value());
  EXPECT_EQ(columns->recording.transactions->size(), 1U);
  const Result<ReadRecording> operations = read_recording(path, {.keeps_operations = true});
  ASSERT_TRUE(operations.ok());
  EXPECT_EQ(operations->recording.history.size(), 1U);
}

TEST(ReadRecording, KeepsToTheMemoryLimit) {
  const TestFolder folder;
  const std::string path = folder / "h";
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    text += "{\"p\":" + std::to_string(i) + ",\"e\":\"invoke\",\"f\":\"write\",\"v\":1}\n";
  }
  ASSERT_TRUE(write_file(path, text).ok());
  const Result<ReadRecording> read = read_recording(path, {.import = {.memory = 100'000}});
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().what,
            path + ":4096:1: the history takes more than the memory limit of 100000 bytes");
}

TEST(LineBlocks, GiveAnEndlessLineInPieces) {
  const TestFolder folder;
  const std::string path = folder / "h";
  ASSERT_TRUE(write_file(path, "a\n" + std::string(std::size_t{5} << 20U, 'x')).ok());
  LineBlocks blocks(TextSource::open(path).value(), std::size_t{2} << 20U);
  std::size_t largest = 0;
  std::size_t all = 0;
  while (true) {
    const Result<std::string_view> lines = blocks.next();
    ASSERT_TRUE(lines.ok());
    if (lines->empty()) break;
    largest = std::max(largest, lines->size());
    all += lines->size();
  }
  EXPECT_EQ(all, (std::size_t{5} << 20U) + 2);
  EXPECT_LE(largest, std::size_t{3} << 20U);
}

}  // namespace
}  // namespace squall
