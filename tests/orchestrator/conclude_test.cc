// From a run file on disk to its judgement and back.
#include "orchestrator/conclude.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <optional>

#include "history/run_file.h"
#include "tests/history/temporary_folder.h"
#include "tests/orchestrator/run_text.h"
#include "tests/orchestrator/small_run.h"

namespace squall {
namespace {

constexpr const char* kCut =
    "[{at: 3s, for: 10s, fault: network.partition, between: [e1, e2], name: cut}]";
// An installed and exercised fault; its consequence is to be found in the operations.
constexpr const char* kRun =
    "fault cut 3s 13s ix|op kv ok 1s 1.1s|op kv info 4s 5s timeout|op kv ok 15s 16s|"
    "log 5s etcd all well";

void write_run(const std::string& path, const std::string& text) {
  const Recording recording = test::recorded(text);
  RunFileWriter file = RunFileWriter::create(path).value();
  for (const auto& [key, value] : recording.meta) file.set_meta(key, value);
  file.add_operations(recording.history, 0);
  for (const FaultInterval& fault : recording.faults) file.add_fault(fault);
  for (const EvidenceRow& row : recording.evidence) {
    if (row.grade != "consequential") file.add_evidence(row);
  }
  for (const LogLine& line : recording.logs) file.add_log(line);
  ASSERT_TRUE(file.close().ok());
}

std::size_t consequential_rows(const std::string& path) {
  std::size_t count = 0;
  for (const EvidenceRow& row : read_run_file(path).value().evidence) {
    count += row.grade == "consequential" ? 1U : 0U;
  }
  return count;
}

TEST(Conclude, FindsTheConsequenceJudgesAndWritesItBack) {
  const TestFolder folder;
  const std::string path = folder / "run.squall";
  write_run(path, kRun);
  const Conclusion conclusion = conclude(path, test::small_run(kCut), Budget{}).value();
  EXPECT_EQ(conclusion.warning, "");
  EXPECT_EQ(conclusion.judgement.code, ExitCode::kAsExpected) << conclusion.judgement.sentence;

  const Recording written = read_run_file(path).value();
  EXPECT_EQ(written.meta.at("exit_code"), "0");
  EXPECT_EQ(written.meta.at("judgement"), conclusion.judgement.sentence);
  ASSERT_EQ(written.verdicts.size(), 1U);
  EXPECT_EQ(written.verdicts[0].answer, "valid");
  EXPECT_EQ(consequential_rows(path), 2U);  // errors, slowest operation
}

TEST(Conclude, TwiceIsTheSameAsOnce) {
  const TestFolder folder;
  const std::string path = folder / "run.squall";
  write_run(path, kRun);
  const Scenario scenario = test::small_run(kCut);
  const Conclusion first = conclude(path, scenario, Budget{}).value();
  const Conclusion second = conclude(path, scenario, Budget{}).value();
  EXPECT_EQ(second.judgement.sentence, first.judgement.sentence);
  EXPECT_EQ(read_run_file(path).value().verdicts.size(), 1U);
  EXPECT_EQ(consequential_rows(path), 2U);
}

// Nothing can be written while it lives, not even by root.
class FullDisk {
 public:
  FullDisk() {
    ::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit none{0, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() { (void)::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(Conclude, WarnsAboutAFileThatItCannotWriteAndStillJudges) {
  const TestFolder folder;
  const std::string path = folder / "run.squall";
  write_run(path, kRun);
  std::optional<FullDisk> full(std::in_place);
  const Conclusion conclusion = conclude(path, test::small_run(kCut), Budget{}).value();
  full.reset();
  EXPECT_EQ(conclusion.warning.find("the verdicts are not in the run file: "), 0U)
      << conclusion.warning;
  EXPECT_EQ(conclusion.judgement.code, ExitCode::kAsExpected);
  EXPECT_TRUE(read_run_file(path).value().verdicts.empty());
}

TEST(Conclude, RefusesWhatIsNoRunFile) {
  const TestFolder folder;
  EXPECT_FALSE(conclude(folder / "none.squall", test::small_run("[]"), Budget{}).ok());
}

TEST(Reread, JudgesWhatTheFileHoldsWithoutChecking) {
  const TestFolder folder;
  const std::string path = folder / "run.squall";
  write_run(path, kRun);
  const Scenario scenario = test::small_run(kCut);
  const Conclusion concluded = conclude(path, scenario, Budget{}).value();
  const Conclusion again = reread(path, scenario).value();
  EXPECT_EQ(again.judgement.sentence, concluded.judgement.sentence);
  EXPECT_EQ(again.judgement.code, concluded.judgement.code);
}

}  // namespace
}  // namespace squall
