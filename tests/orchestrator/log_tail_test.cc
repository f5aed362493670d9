// Files that grow are read line by line.
#include "orchestrator/log_tail.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/history/temporary_folder.h"

namespace squall {
namespace {

class Tailed {
 public:
  Tailed() { tail_.add({folder_ / "log", "e1", "etcd", "etcd"}); }
  void write(const std::string& text) {
    std::ofstream(folder_ / "log", std::ios::app | std::ios::binary) << text;
  }
  // "one|two|" for two lines.
  std::string read(bool is_final = false) {
    std::string text;
    for (const LogTail::Line& line : tail_.read(is_final)) text += line.text + "|";
    return text;
  }

 private:
  TestFolder folder_;
  LogTail tail_;
};

TEST(LogTail, WaitsForTheFileAndForTheEndOfALine) {
  Tailed log;
  EXPECT_EQ(log.read(), "");
  log.write("one\ntw");
  EXPECT_EQ(log.read(), "one|");
  EXPECT_EQ(log.read(), "");
  log.write("o\n\nthree\n");
  EXPECT_EQ(log.read(), "two||three|");
}

TEST(LogTail, TakesAnUnfinishedLineAtTheEnd) {
  Tailed log;
  log.write("one\nlast words");
  EXPECT_EQ(log.read(true), "one|last words|");
  EXPECT_EQ(log.read(true), "");
}

TEST(LogTail, CutsALongLineAndGoesOnWithTheNext) {
  Tailed log;
  log.write(std::string(kMaxLogLine * 10, 'x'));
  EXPECT_EQ(log.read(), "");
  log.write("y\nnext\n");
  EXPECT_EQ(log.read(), std::string(kMaxLogLine, 'x') + "|next|");
}

TEST(LogTail, SaysWhoseLineItIs) {
  const TestFolder folder;
  LogTail tail;
  tail.add({folder / "a", "e1", "etcd", "etcd"});
  tail.add({folder / "b", "e2", "client kv.0", "kv"});
  std::ofstream(folder / "b") << "hello\n";
  const std::vector<LogTail::Line> lines = tail.read();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].source->node + " " + lines[0].source->process + " " + lines[0].source->trigger,
            "e2 client kv.0 kv");
}

}  // namespace
}  // namespace squall
