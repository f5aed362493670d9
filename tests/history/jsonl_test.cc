// JSON lines: what they mean, and where a bad one is bad.
#include "history/jsonl.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "base/files.h"
#include "tests/history/temporary_folder.h"

namespace squall {
namespace {

// {p:0,e:invoke,…} with ' for " to keep the tests readable.
std::string lines(std::string text) {
  for (char& character : text) {
    if (character == '\'') character = '"';
  }
  return text;
}

// All operations by describe(), or the error.
std::string read(const std::string& text) {
  const Result<History> history = read_jsonl(lines(text), "h.jsonl");
  if (!history.ok()) return history.error().what;
  std::string described;
  for (OpIndex i = 0; i < history->size(); ++i) described += history->describe(i) + "\n";
  return described;
}

TEST(Jsonl, PairsInvocationsWithCompletions) {
  EXPECT_EQ(read("{'i':0,'p':0,'e':'invoke','f':'write','k':'x','v':7,'t':1000000}\n"
                 "{'i':1,'p':1,'e':'invoke','f':'read','k':'x','v':null,'t':2000000}\n"
                 "{'i':2,'p':0,'e':'ok','f':'write','k':'x','v':7,'t':3000000}\n"
                 "{'i':3,'p':1,'e':'ok','f':'read','k':'x','v':7,'t':4000000}\n"),
            "process 0 write x 7 (ok, 1.0–3.0 ms)\n"
            "process 1 read x 7 (ok, 2.0–4.0 ms)\n");
}

TEST(Jsonl, WithoutTimesPositionsCountAsNanoseconds) {
  const Result<History> history = read_jsonl(
      lines("{'p':0,'e':'invoke','f':'read'}\n\n{'p':0,'e':'ok','f':'read','v':[1,[2]]}"), "h");
  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->sent().at(0), 0);
  EXPECT_EQ(history->completed().at(0), 1);
  EXPECT_EQ(history->values().to_json(history->value()[0]), "[1,[2]]");
}

TEST(Jsonl, WhatNobodySawIsAbsentAndWhatWasAskedForIsKept) {
  EXPECT_EQ(
      read("{'p':0,'e':'invoke','f':'read','v':null}\n{'p':0,'e':'info','f':'read','v':null}\n"
           "{'p':1,'e':'invoke','f':'read','v':null}\n{'p':1,'e':'fail','f':'read','v':3}\n"
           "{'p':2,'e':'invoke','f':'write','v':4}\n{'p':2,'e':'info','f':'write'}\n"
           "{'p':3,'e':'invoke','f':'write','v':null}\n"
           "{'p':4,'e':'invoke','f':'cas','v':[1,2]}\n{'p':4,'e':'ok','f':'cas','v':[9,9]}\n"
           "{'p':5,'e':'invoke','f':'txn','v':[['r',1,null]]}\n"
           "{'p':5,'e':'ok','f':'txn','v':[['r',1,8]]}\n"
           "{'p':6,'e':'invoke','f':'read','v':null}\n{'p':6,'e':'ok','f':'read','v':null}\n"),
      "process 0 read (info, 0.0–0.0 ms)\n"
      "process 1 read (fail, 0.0–0.0 ms)\n"
      "process 2 write 4 (info, 0.0–0.0 ms)\n"
      "process 3 write null (info, 0.0 ms, no answer)\n"
      "process 4 cas [1,2] (ok, 0.0–0.0 ms)\n"
      "process 5 txn [[\"r\",1,8]] (ok, 0.0–0.0 ms)\n"
      "process 6 read null (ok, 0.0–0.0 ms)\n");
}

TEST(Jsonl, SkipsAndCountsWhatIsNotAClient) {
  ImportFacts facts;
  const Result<History> history =
      read_jsonl(lines("{'p':'nemesis','e':'info','f':'start','v':'cut'}\n"
                       "{'p':':nemesis','e':'info','f':'stop'}\n"
                       "{'p':'12','e':'invoke','f':'read'}\n"),
                 "h", &facts);
  ASSERT_TRUE(history.ok());
  EXPECT_EQ(facts.events, 3U);
  EXPECT_EQ(facts.skipped, 2U);
  EXPECT_EQ(history->processes().at(0).id, 12);
}

TEST(Jsonl, KeepsErrorsAsText) {
  const Result<History> history =
      read_jsonl(lines("{'p':0,'e':'invoke','f':'write','v':1}\n"
                       "{'p':0,'e':'fail','f':'write','v':1,'err':'refused'}\n"
                       "{'p':0,'e':'invoke','f':'write','v':1}\n"
                       "{'p':0,'e':'info','f':'write','v':1,'err':['unavailable',null]}\n"),
                 "h");
  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->error(0), "refused");
  EXPECT_EQ(history->error(1), "[\"unavailable\",null]");
}

TEST(Jsonl, MapsWhatOurValuesLack) {
  EXPECT_EQ(read("{'p':0,'e':'invoke','f':'write','v':{'b':1,'a':2.5}}\n"),
            "process 0 write [[\"a\",\"2.5\"],[\"b\",1]] (info, 0.0 ms, no answer)\n");
}

TEST(Jsonl, AcceptsStampsThatThreadsWroteABitOutOfOrder) {
  EXPECT_EQ(read("{'p':0,'e':'invoke','f':'write','v':1,'t':5100000}\n"
                 "{'p':1,'e':'invoke','f':'write','v':2,'t':5000000}\n"),
            "process 1 write 2 (info, 5.0 ms, no answer)\n"
            "process 0 write 1 (info, 5.1 ms, no answer)\n");
}

TEST(Jsonl, LetsAnInferencesProcessGoOnAfterInfo) {
  EXPECT_EQ(read("{'p':0,'e':'invoke','f':'infer','v':1,'t':1000000}\n"
                 "{'p':0,'e':'info','f':'infer','v':1,'t':2000000}\n"
                 "{'p':0,'e':'invoke','f':'infer','v':2,'t':3000000}\n"
                 "{'p':0,'e':'ok','f':'infer','v':2,'t':4000000}\n"),
            "process 0 infer 1 (info, 1.0–2.0 ms)\n"
            "process 0 infer 2 (ok, 3.0–4.0 ms)\n");
}

struct BadLine {
  std::string text;
  std::string error;
};

TEST(Jsonl, NamesLineAndColumnOfWhatIsWrong) {
  const std::string open = "{'p':3,'e':'invoke','f':'read','t':5}\n";
  const std::vector<BadLine> cases = {
      {"{'p':0,'e':'inv", "h.jsonl:1:16: not valid JSON"},
      {open + "{'p':0,'e':nul}", "h.jsonl:2:15: not valid JSON"},
      {"{'p':0,'v':'\x01'}", "h.jsonl:1:13: not valid JSON"},
      {"{'p':0,'v':'\xff'}", "h.jsonl:1:13: not valid JSON"},
      {"{'p':0} {}", "h.jsonl:1:9: not valid JSON"},
      {"[1]", "h.jsonl:1:1: an event is an object"},
      {"{'e':'ok'}", "h.jsonl:1:1: no \"p\" (process)"},
      {"{'e':'ok', 'p':[1]}", "h.jsonl:1:16: \"p\" must be a process number"},
      {"{'p':0}", "h.jsonl:1:1: no \"e\""},
      {"{'p':0,'e':'maybe'}", "h.jsonl:1:12: \"e\" must be one of invoke, ok, fail, info"},
      {"{'p':0,'e':3}", "h.jsonl:1:12: \"e\" must be one of"},
      {"{'p':0,'e':'invoke'}", "h.jsonl:1:1: no \"f\""},
      {"{'p':0,'e':'invoke','f':{}}", "h.jsonl:1:25: \"f\" must be the name"},
      {"{'p':0,'e':'invoke','f':'r','t':1.5}", "h.jsonl:1:33: \"t\" must be a whole number"},
      {"{'p':0,'e':'invoke','f':'r','v':9223372036854775808}",
       "h.jsonl:1:33: a number is over the limit"},
      {"{'p':0,'e':'invoke','f':'r','v':" + std::string(70, '[') + std::string(70, ']') + "}",
       "h.jsonl:1:33: nested deeper than the limit of 64"},
      {"{'p':3,'e':'ok','f':'read'}", "h.jsonl:1:1: process 3 has no operation under way"},
      {open + "{'p':3,'e':'ok','f':'read','t':6}\n{'p':3,'e':'ok','f':'read','t':7}",
       "h.jsonl:3:1: process 3 has no operation under way: it was completed in line 2"},
      {open + "{'p':3,'e':'invoke','f':'read','t':6}",
       "h.jsonl:2:1: process 3 has an operation under way since line 1"},
      {open + "{'p':3,'e':'info','f':'read','t':6}\n{'p':3,'e':'invoke','f':'read','t':7}",
       "h.jsonl:3:6: process 3 ended in info in line 2; go on under a new number"},
      {open + "{'p':3,'e':'ok','f':'write','t':6}",
       "h.jsonl:2:21: \"f\" differs from the invocation's 'read'"},
      {open + "{'p':3,'e':'ok','t':4}", "h.jsonl:2:21: \"t\" goes back: line 1 is later"},
      {"{'p':3,'e':'invoke','f':'read','t':90000000}\n{'p':4,'e':'invoke','f':'read','t':4}",
       "h.jsonl:2:36: \"t\" goes back: line 1 is later"},
      {open + "{'p':4,'e':'invoke','f':'read'}", "h.jsonl:2:1: no \"t\" here, but line 1 has one"},
      {"{'p':3,'e':'invoke','f':'read'}\n" + open, "h.jsonl:2:36: \"t\" here, but line 1 has none"},
      {"{'p':0,'e':'invoke','f':'r','k':1}\n{'p':0,'e':'ok','k':2}",
       "h.jsonl:2:21: \"k\" differs from the invocation's in line 1"}};
  for (const BadLine& bad : cases) {
    const std::string error = read(bad.text);
    EXPECT_EQ(error.substr(0, bad.error.size()), bad.error) << error;
  }
}

TEST(Jsonl, RefusesALineOverTheLimit) {
  const std::string text = "{\"p\":0}\n" + std::string(kMaxJsonlLine + 1, ' ') + "{}";
  const Result<History> history = read_jsonl(text, "h");
  ASSERT_FALSE(history.ok());
  EXPECT_EQ(read_jsonl(text.substr(8), "h").error().what,
            "h:1:1: the line is longer than the limit of 16777216 bytes");
}

TEST(Jsonl, RefusesMoreFunctionsThanThereAreNumbers) {
  std::string text;
  for (int i = 0; i < 256; ++i) {
    text += "{'p':" + std::to_string(i) + ",'e':'invoke','f':'f" + std::to_string(i) + "'}\n";
  }
  EXPECT_EQ(read(text), "h.jsonl:256:27: more than the limit of 255 functions");
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string copy = text;
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<unsigned char*>(copy.data());
  stream.avail_in = static_cast<unsigned int>(copy.size());
  stream.next_out = reinterpret_cast<unsigned char*>(packed.data());
  stream.avail_out = static_cast<unsigned int>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

std::string long_history() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    const std::string n = std::to_string(i);
    text +=
        lines("{'p':0,'e':'invoke','f':'write','v':" + n + "}\n{'p':0,'e':'ok','v':" + n + "}\n");
  }
  return text;
}

TEST(JsonlFile, IsReadPlainOrPacked) {
  const TestFolder folder;
  const std::string text = long_history();
  const std::string half = text.substr(0, text.find('\n', text.size() / 2) + 1);
  const std::string rest = text.substr(half.size());
  for (const std::string& content :
       {text, gzip(text), zstd(text), gzip(half) + gzip(rest), zstd(half) + zstd(rest)}) {
    ASSERT_TRUE(write_file(folder / "h", content).ok());
    const Result<History> history = read_jsonl_file(folder / "h");
    ASSERT_TRUE(history.ok()) << history.error().what;
    EXPECT_EQ(history->size(), 20'000U);
  }
}

TEST(JsonlFile, SaysThatAPackedFileIsCutOff) {
  const TestFolder folder;
  const std::string path = folder / "h";
  const std::string text = long_history();
  for (const std::string& packed : {gzip(text), zstd(text)}) {
    ASSERT_TRUE(write_file(path, packed.substr(0, packed.size() / 2)).ok());
    const Result<History> history = read_jsonl_file(path);
    ASSERT_FALSE(history.ok());
    EXPECT_TRUE(history.error().what.ends_with("data ends too early; copy it again"))
        << history.error().what;
  }
}

TEST(Jsonl, IsWrittenInTheOrderOfTime) {
  const std::string text = lines(
      "{'i':0,'p':0,'e':'invoke','f':'write','k':'x','v':7,'t':1}\n"
      "{'i':1,'p':1,'e':'invoke','f':'read','k':'x','v':null,'t':2}\n"
      "{'i':2,'p':0,'e':'info','f':'write','k':'x','v':7,'t':3,'err':'timed out'}\n"
      "{'i':3,'p':1,'e':'ok','f':'read','k':'x','v':7,'t':4}\n");
  EXPECT_EQ(write_jsonl(*read_jsonl(text, "h")), text);
}

}  // namespace
}  // namespace squall
