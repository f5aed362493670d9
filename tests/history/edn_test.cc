// EDN: what it means, and where a bad one is bad.
#include <gtest/gtest.h>

#include "history/import.h"
#include "history/jsonl.h"

namespace squall {
namespace {

// All operations by describe(), or the error.
std::string read(const std::string& text, const ImportOptions& options = {}) {
  const Result<History> history = read_edn(text, "h.edn", nullptr, options);
  if (!history.ok()) return history.error().what;
  std::string described;
  for (OpIndex i = 0; i < history->size(); ++i) described += history->describe(i) + "\n";
  return described;
}

const char* const kWriteAndRead =
    "process 0 write 7 (ok, 1.0–3.0 ms)\n"
    "process 1 read 7 (ok, 2.0–4.0 ms)\n";

TEST(Edn, ReadsOneMapAfterTheOther) {
  EXPECT_EQ(read("{:process 0, :type :invoke, :f :write, :value 7, :time 1000000, :index 0}\n"
                 "{:process 1, :type :invoke, :f :read, :value nil, :time 2000000}\n"
                 "; a comment {:process 9}\n"
                 "{:process 0, :type :ok, :f :write, :value 7, :time 3000000}\n"
                 "{:process 1, :type :ok, :f :read, :value 7, :time 4000000}\n"),
            kWriteAndRead);
}

TEST(Edn, ReadsAVectorOfTaggedMaps) {
  EXPECT_EQ(read("[#jepsen.history.Op{:index 0, :process 0 :type :invoke :f :write :value 7\n"
                 " :time 1000000}\n"
                 "#jepsen.history.Op{:process 1 :type :invoke :f \"read\" :time 2000000 :value nil}"
                 "#_{:process 5} {:time 3000000 :value 7 :type :ok :process 0}\n"
                 "^{:line 1} {:process 1 :type :ok :f :read :value 7 :time 4000000}]"),
            kWriteAndRead);
}

TEST(Edn, ReadsTuplesAndLists) {
  EXPECT_EQ(read("([0 :invoke :write 7 1000000] (1 :invoke :read nil 2000000)\n"
                 " [0 :ok :write 7 3000000] [1 :ok :read 7 4000000])"),
            kWriteAndRead);
}

// The value that a write of `form` has, as JSON.
std::string value_of(const std::string& form) {
  const Result<History> history =
      read_edn("{:process 0 :type :invoke :f :write :value " + form + "}", "h.edn");
  return history.ok() ? history->values().to_json(history->value()[0]) : history.error().what;
}

TEST(Edn, MapsFormsToValuesSoThatEqualStaysEqual) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {":timeout", "\"timeout\""},
      {"sym", "\"sym\""},
      {"nil", "null"},
      {"true", "true"},
      {"-12", "-12"},
      {"+3", "3"},
      {"12N", "12"},
      {"1.50", "\"1.5\""},
      {"1e3", "\"1000\""},
      {"2.5M", "\"2.5\""},
      {"1/2", "\"1/2\""},
      {"##Inf", "\"Inf\""},
      {"\"a\\n\\\"\\u00e9\"", "\"a\\n\\\"é\""},
      {"\\a", "\"a\""},
      {"\\newline", "\"\\n\""},
      {"[1 [2] (3)]", "[1,[2],[3]]"},
      {"#{3 1 2}", "[\"#set\",1,2,3]"},
      {"{:b 1, :a 2}", "[[\"a\",2],[\"b\",1]]"},
      {"{10 1, 9 2}", "[[9,2],[10,1]]"},
      {"#inst \"2020\"", "\"2020\""},
      {"#my/tag [1]", "[1]"},
      {"[1 #_ 2 #_#_ 3 4 5]", "[1,5]"},
      {"[]", "[]"}};
  for (const auto& [form, json] : cases) EXPECT_EQ(value_of(form), json) << form;
}

TEST(Edn, AKeywordInsteadOfAValueIsWhyItDidNotWork) {
  const Result<History> history = read_edn(
      "{:process 0 :type :invoke :f :write :value 1}\n"
      "{:process 0 :type :info :f :write :value :timed-out}\n"
      "{:process 1 :type :invoke :f :cas :value [1 2]}\n"
      "{:process 1 :type :fail :f :cas :value [1 2] :error [:conflict 3]}\n",
      "h");
  ASSERT_TRUE(history.ok()) << history.error().what;
  EXPECT_EQ(history->error(0), "timed-out");
  EXPECT_EQ(history->error(1), "[\"conflict\",3]");
}

TEST(Edn, CountsWhatIsNotAClient) {
  ImportFacts facts;
  const Result<History> history = read_edn(
      "{:process :nemesis :type :info :f :start-partition :value [:isolated {\"n1\" #{}}]}"
      "{:process 0 :type :invoke :f :read}",
      "h", &facts);
  ASSERT_TRUE(history.ok()) << history.error().what;
  EXPECT_EQ(facts.events, 2U);
  EXPECT_EQ(facts.skipped, 1U);
  EXPECT_EQ(history->size(), 1U);
}

TEST(Edn, IndependentKeysAreSplitFromTheirValues) {
  EXPECT_EQ(read("{:process 0 :type :invoke :f :read :value [\"x\" nil]}"
                 "{:process 0 :type :ok :f :read :value [\"x\" 3]}"
                 "{:process 0 :type :invoke :f :cas :value [9 [1 2]]}"
                 "{:process 0 :type :fail :f :cas :value :conflict}",
                 {.has_independent_keys = true}),
            "process 0 read x 3 (ok, 0.0–0.0 ms)\n"
            "process 0 cas 9 [1,2] (fail, 0.0–0.0 ms)\n");
  EXPECT_EQ(read("{:process 0 :type :invoke :f :write :value 3}", {.has_independent_keys = true}),
            "h.edn:1:45: not [key value], but independent keys were asked for: 3");
}

TEST(Edn, SaysWhereAnAnswerDiffersFromWhatWasAsked) {
  ImportFacts facts;
  const Result<History> history = read_edn(
      "{:process 0 :type :invoke :f :write :value 1}\n{:process 0 :type :ok :f :write :value 2}\n",
      "h.edn", &facts);
  ASSERT_TRUE(history.ok());
  EXPECT_EQ(facts.differing, 1U);
  EXPECT_EQ(facts.differences,
            std::vector<std::string>{
                "h.edn:2: the completion says 2, the invocation said 1: taken is the invocation's, "
                "for it is an argument"});
}

TEST(Edn, NamesLineAndColumnOfWhatIsWrong) {
  const std::string open = "{:process 3 :type :invoke :f :read :time 5}\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{:process 0 :type", "h.edn:1:18: the text ends where a value is expected"},
      {"[" + open, "h.edn:1:1: what is opened here is never closed"},
      {"{:process 0 :type :ok", "h.edn:1:1: a map that is never closed"},
      {"{:process 0 :type}", "h.edn:1:18: a key without a value"},
      {"42", "h.edn:1:1: an operation is a map: {:process 0, :type :invoke, :f :read, …}"},
      {open + " ]", "h.edn:2:2: an operation is a map: {:process 0, :type :invoke, :f :read, …}"},
      {"{:type :ok}", "h.edn:1:1: no :process (a number, or :nemesis)"},
      {"{:process 0}", "h.edn:1:1: no :type (:invoke, :ok, :fail or :info)"},
      {"{:process 0 :type :maybe}", "h.edn:1:19: :type must be one of :invoke, :ok, :fail, :info"},
      {"{:process 0 :type :invoke}", "h.edn:1:1: no :f (function, such as :read)"},
      {"{:process 0 :process 1}", "h.edn:1:22: :process twice in one operation"},
      {"{:process 0 :type :invoke :f :r :time 1.5}",
       "h.edn:1:39: :time must be a whole number of nanoseconds"},
      {"{:process 0 :type :invoke :f :r :value \"a}", "h.edn:1:40: a string that is never closed"},
      {"{:process 0 :type :invoke :f :r :value \"\\q\"}", "h.edn:1:41: unknown escape \\q"},
      {"{:process 0 :type :invoke :f :r :value [1 2}", "h.edn:1:44: '}' where a value is expected"},
      {"{:process 0 :type :invoke :f :r :value {1}}",
       "h.edn:1:40: a map with a key that has no "
       "value"},
      {"{:process 0 :type :invoke :f :r :value 9223372036854775808}",
       "h.edn:1:40: a number is over the limit of 9223372036854775807; write it as text"},
      {"{:process 0 :type :invoke :f :r :value 12ab}",
       "h.edn:1:40: '12ab' is neither a number nor a name"},
      {"{:process 0 :type :invoke :f :r :value " + std::string(70, '['),
       "h.edn:1:105: nested deeper than the limit of 64"},
      {"[0 :invoke :read nil 5 6]",
       "h.edn:1:24: a tuple has five items: [process type f value "
       "time]"},
      {"[[[0 :invoke :read nil]]]", "h.edn:1:2: a list of operations inside of another"},
      {"{:process 3 :type :ok :f :read}", "h.edn:1:1: process 3 has no operation under way"},
      {open + "{:process 3 :type :ok :f :read :time 6}{:process 3 :type :ok :f :read :time 7}",
       "h.edn:2:40: process 3 has no operation under way: it was completed in line 2"},
      {open + "{:process 3 :type :invoke :f :read :time 6}",
       "h.edn:2:1: process 3 has an operation under way since line 1"},
      {open + "{:process 3 :type :ok :time 4}", "h.edn:2:29: :time goes back: line 1 is later"},
      {open + "{:process 3 :type :ok :f :write :time 6}",
       "h.edn:2:26: :f differs from the invocation's 'read'"},
      {open + "{:process 4 :type :invoke :f :read}",
       "h.edn:2:1: no :time here, but line 1 has one"}};
  for (const auto& [text, error] : cases) EXPECT_EQ(read(text), error) << text;
}

TEST(Edn, ALongStringIsRefusedByItsLimit) {
  const std::string text = "{:process 0 :type :invoke :f :write :value \"" +
                           std::string((std::size_t{16} << 20U) + 9, 'x') + "\"}";
  EXPECT_EQ(read(text), "h.edn:1:44: a string longer than the limit of 16777216 bytes");
}

TEST(Edn, IsWrittenAsJepsenReadsIt) {
  const Result<History> history = read_jsonl(
      R"({"p":0,"e":"invoke","f":"txn","v":[["append","x",1],["r","x",null]],"t":1}
{"p":1,"e":"invoke","f":"read","k":"y","v":null,"t":2}
{"p":0,"e":"ok","f":"txn","v":[["append","x",1],["r","x",[1]]],"t":3}
{"p":1,"e":"info","f":"read","v":null,"t":4,"err":"timed out"}
{"p":2,"e":"invoke","f":"read","v":null,"t":5}
{"p":2,"e":"ok","f":"read","v":["#set",1,"a"],"t":6}
)",
      "h");
  ASSERT_TRUE(history.ok()) << history.error().what;
  EXPECT_EQ(write_edn(*history),
            R"({:index 0, :time 1, :process 0, :type :invoke, :f :txn, :value nil}
{:index 1, :time 2, :process 1, :type :invoke, :f :read, :key "y", :value nil}
{:index 2, :time 3, :process 0, :type :ok, :f :txn, :value [[:append "x" 1] [:r "x" [1]]]}
{:index 3, :time 4, :process 1, :type :info, :f :read, :key "y", :value nil, :error "timed out"}
{:index 4, :time 5, :process 2, :type :invoke, :f :read, :value nil}
{:index 5, :time 6, :process 2, :type :ok, :f :read, :value #{1 "a"}}
)");
}

}  // namespace
}  // namespace squall
