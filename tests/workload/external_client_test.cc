// The client `external`, with programs that behave, misbehave and die.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "tests/workload/harness.h"
#include "workload/external_protocol.h"

namespace squall {
namespace {

using testing_workload::ClientRun;
using testing_workload::TempDir;

// Keeps a set in memory; `oddity` runs for every fifth call before it is answered, `start` before
// init is.
std::string program(const std::string& oddity, const std::string& start) {
  return R"(import json, sys, time
)" + start +
         R"(
members = []
for line in sys.stdin:
    call = json.loads(line)
    if 'init' in call: print('{"ready":true}', flush=True)
    if 'id' not in call: continue
    if call['id'] % 5 == 0:
        )" +
         oddity + R"(
    answer = {'id': call['id'], 'type': 'ok'}
    if call['f'] == 'add': members.append(call['v'])
    else: answer['v'] = members
    print(json.dumps(answer), flush=True)
)";
}

class External : public testing::Test {
 protected:
  std::map<std::string, std::string> params(const std::string& oddity,
                                            const std::string& start = "") {
    const std::string path = folder_.path("program.py");
    CHECK(write_file(path, program(oddity, start)).ok());
    return {{"command", "python3 " + path}, {"every", "0s"}, {"timeout", "10s"}};
  }
  TempDir folder_{};
};

TEST_F(External, AddsAndReadsThroughTheProgram) {
  ClientRun run("external", params("pass"), {0, 1});
  ASSERT_TRUE(run.run_until([&] { return run.totals().ok >= 100; }));
  ASSERT_TRUE(run.finish());
  EXPECT_EQ(run.totals().ok, run.totals().total());
  EXPECT_EQ(run.count("read", Outcome::kOk), 2U);
  EXPECT_EQ(run.output(), "");
}

TEST_F(External, AProgramThatDiesDuringACallMakesItInfoAndIsReplaced) {
  ClientRun run("external", params("sys.exit(1)"), {0});
  ASSERT_TRUE(run.run_until([&] { return run.totals().ok >= 10 && run.totals().info >= 2; }));
  EXPECT_GE(run.count("add", Outcome::kInfo, "the program ended"), 2U);
  EXPECT_NE(run.output().find("external: the program of process 0: the program ended; a fresh one "
                              "takes over\n"),
            std::string::npos);
}

TEST_F(External, GarbageIsInfo) {
  ClientRun run("external", params("print('ready!', flush=True)"), {0});
  ASSERT_TRUE(run.run_until([&] { return run.totals().info > 0; }));
  EXPECT_GT(run.count("add", Outcome::kInfo, "not a JSON object: 'ready!'"), 0U);
}

TEST_F(External, SilenceIsInfo) {
  std::map<std::string, std::string> slow = params("sys.stdin.read()");
  slow["timeout"] = "300ms";
  ClientRun run("external", slow, {0});
  ASSERT_TRUE(run.run_until([&] { return run.count("add", Outcome::kInfo, "timed out") > 0; }));
}

// Were its start part of an operation, each would time out and end the program that was starting.
TEST_F(External, AProgramThatStartsSlowlyIsWaitedFor) {
  std::map<std::string, std::string> slow = params("sys.exit(1)", "time.sleep(1)");
  slow["timeout"] = "500ms";
  ClientRun run("external", slow, {0});
  ASSERT_TRUE(run.run_until([&] { return run.totals().ok >= 8 && run.totals().info >= 1; }));
}

TEST_F(External, AProgramThatIsNeverReadyIsNotStartedWith) {
  const EndpointAddress here{"n", "127.0.0.1", "::1", "eu"};
  const ClientConfig config{.name = "mine",
                            .kind = "external",
                            .node = "n",
                            .processes = {0},
                            .endpoints = {here},
                            .all_nodes = {here},
                            .ring = folder_.path("ring"),
                            .params = params("pass", "print('hello', flush=True)")};
  const Result<RecorderReader> reader = RecorderReader::create(config.ring);
  ASSERT_TRUE(reader.ok());
  const Result<> ended = run_client(config);
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().what, R"(client mine: not {"ready":true}, the answer to init: 'hello')");
}

TEST_F(External, ReadsWhetherItIsReady) {
  EXPECT_TRUE(external::read_ready(R"({"ready":true})").ok());
  EXPECT_EQ(external::read_ready("hello").error().what,
            R"(not {"ready":true}, the answer to init: 'hello')");
  EXPECT_FALSE(external::read_ready(R"({"ready":false})").ok());
}

TEST_F(External, ReadsAnswers) {
  const auto read = [](const std::string& line, const std::string& function = "add") {
    const Result<Answer> answer = external::read_answer(line, 7, function);
    if (!answer.ok()) return "broken: " + answer.error().what;
    constexpr const char* kNames[] = {"invoke", "ok", "fail", "info"};
    return kNames[static_cast<int>(answer->kind)] + (" " + answer->value + answer->error);
  };
  EXPECT_EQ(read(R"({"id":7,"type":"ok"})"), "ok ");
  EXPECT_EQ(read(R"({"id":7,"type":"ok","v":[1,2]})", "read"), "ok [1,2]");
  EXPECT_EQ(read(R"({"id":7,"type":"fail","error":"READONLY"})"), "fail READONLY");
  EXPECT_EQ(read(R"({"id":7,"type":"info"})"), "info the program says info");
  EXPECT_EQ(read(R"({"id":6,"type":"ok"})"),
            R"(broken: not the answer to id 7: '{"id":6,"type":"ok"}')");
  EXPECT_EQ(read(R"({"id":7,"type":"ok"})", "read"),
            R"(broken: a read that is ok needs 'v': '{"id":7,"type":"ok"}')");
  EXPECT_EQ(read(R"({"id":7,"type":"ok","v":{}})", "read"),
            "broken: 'v' must be an integer, text, true, false, null or a list of these: "
            R"('{"id":7,"type":"ok","v":{}}')");
}

TEST_F(External, SplitsACommand) {
  EXPECT_EQ(*external::parse_command("a  b c"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(*external::parse_command(R"(["a", "b c"])"), (std::vector<std::string>{"a", "b c"}));
  EXPECT_FALSE(external::parse_command(" ").ok());
  EXPECT_FALSE(external::parse_command("[1]").ok());
}

}  // namespace
}  // namespace squall
