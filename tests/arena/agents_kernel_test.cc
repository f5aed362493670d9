// The lab with its agents: one per node, killed and started again, and cgroups that do not stay.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>

#include "kernel/freezer.h"
#include "kernel/process.h"
#include "tests/arena/lab_run.h"

namespace squall {
namespace {

using std::chrono::seconds;

constexpr Duration kPatience = seconds(10);

class LabAgents : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = why_no_lab(); !why.empty()) GTEST_SKIP() << why;
  }
};

std::string text_of(const Result<>& result) {
  return result.ok() ? "ok" : result.error().what;
}

std::string processes_of(AgentClient& agent) {
  const Result<AgentStatus> status = agent.status();
  if (!status.ok()) return status.error().what;
  std::string text;
  for (const ProcessStatus& process : status->processes) {
    text += process.name + " " + process.state + ";";
  }
  return text;
}

Result<int> start_sleeper(Arena& arena, const NodeName& node) {
  ProcessStart start;
  start.name = "sleeper";
  start.command = {"/bin/sleep", "1000"};
  start.directory = arena.node_dir(node) + "/sleeper";
  start.log_path = arena.node_dir(node) + "/sleeper.log";
  return arena.agent(node).start(start);
}

Result<> kill_and_wait(int pid) {
  const Fd pidfd = TRY(open_pidfd(pid));
  TRY(send_signal(pidfd, SIGKILL));
  if (TRY(wait_for_exit(pidfd, kPatience))) return {};
  return Error{Errc::kTimeout, "process " + std::to_string(pid) + " does not die"};
}

TEST_F(LabAgents, ComeUpOnePerNode) {
  const LabStory story = run_lab(topology("eu e1 e2 | us e3", ""), {}, [](Arena& arena) {
    std::string text;
    for (const char* node : {"e1", "e2", "e3"}) {
      const NodeName name(node);
      const bool is_there = arena.agent_pid(name) > 1 && arena.agent(name).status().ok();
      text += std::string(node) + (is_there ? " up;" : " missing;");
    }
    return text;
  });
  EXPECT_EQ(story.error + story.end.failure, "");
  EXPECT_EQ(story.report, "e1 up;e2 up;e3 up;");
}

TEST_F(LabAgents, AKilledOneLeavesItsNodesProcessesAndTheNextOneFindsThem) {
  const LabStory story = run_lab(topology("eu e1 e2", ""), {}, [](Arena& arena) {
    const NodeName node("e1");
    const Result<int> pid = start_sleeper(arena, node);
    if (!pid.ok()) return pid.error().what;
    std::string text = text_of(kill_and_wait(arena.agent_pid(node)));
    const Result<ProcessStat> orphan = process_stat(*pid);
    text += orphan.ok() && orphan->parent == 1 ? ", adopted" : ", lost";
    text += ", " + text_of(arena.restart_agent(node));
    text += ", " + text_of(arena.agent(node).wait_until_up(kPatience));
    return text + ", " + processes_of(arena.agent(node));
  });
  EXPECT_EQ(story.error + story.end.failure, "");
  EXPECT_EQ(story.report, "ok, adopted, ok, ok, sleeper running;");
}

// What a watch has told; it outlives the body, as the watching thread does.
struct Seen {
  std::mutex mutex;
  std::condition_variable changed;
  std::string process;
};

// A watch may come back after one process was started, but not after many.
std::string start_until_seen(Arena& arena, const NodeName& node, Seen& seen) {
  for (int i = 0; i < 50; ++i) {
    ProcessStart start;
    start.name = "short" + std::to_string(i);
    start.command = {"/bin/true"};
    start.directory = arena.node_dir(node);
    start.log_path = arena.node_dir(node) + "/short.log";
    if (const Result<int> pid = arena.agent(node).start(start); !pid.ok()) return pid.error().what;
    std::unique_lock lock(seen.mutex);
    const bool is_seen = seen.changed.wait_for(lock, std::chrono::milliseconds(200),
                                               [&] { return !seen.process.empty(); });
    if (is_seen) return "seen";
  }
  return "nothing seen";
}

TEST_F(LabAgents, AWatchGoesOnAfterARestart) {
  const LabStory story = run_lab(topology("eu e1", ""), {}, [](Arena& arena) {
    const NodeName node("e1");
    const auto seen = std::make_shared<Seen>();
    arena.agent(node).watch([seen](const AgentEvent& event) {
      if (event.process.name.empty()) return;
      const std::lock_guard lock(seen->mutex);
      seen->process = event.process.name;
      seen->changed.notify_all();
    });
    if (const Result<> again = arena.restart_agent(node); !again.ok()) return again.error().what;
    const Result<> up = arena.agent(node).wait_until_up(kPatience);
    return up.ok() ? start_until_seen(arena, node, *seen) : up.error().what;
  });
  EXPECT_EQ(story.error + story.end.failure, "");
  EXPECT_EQ(story.report, "seen");
}

// A process in a frozen cgroup of the run: on the v1 freezer it cannot even be killed.
std::string freeze_a_child(Arena& arena) {
  const std::string path = arena.facts().at("freezer");
  const bool is_v2 = ::access((path + "/cgroup.freeze").c_str(), F_OK) == 0;
  const FreezerParent parent{.version = is_v2 ? CgroupVersion::kV2 : CgroupVersion::kV1,
                             .path = path};
  const pid_t child = ::fork();
  while (child == 0) (void)::pause();
  Result<Freezer> freezer = Freezer::create("test", parent);
  if (!freezer.ok()) return freezer.error().what;
  if (const Result<> added = freezer->add(child); !added.ok()) return added.error().what;
  return text_of(freezer->freeze(kPatience));
}

TEST_F(LabAgents, AFrozenProcessDoesNotHoldUpTheEnd) {
  if (const auto parent = find_freezer_parent(); !parent.ok()) {
    GTEST_SKIP() << parent.error().what;
  }
  const LabStory story =
      run_lab(topology("eu e1", ""), {}, [](Arena& arena) { return freeze_a_child(arena); });
  EXPECT_EQ(story.report, "ok");
  EXPECT_EQ(story.error + story.end.failure, "");
  const std::string own = "/squall-lab-" + std::to_string(::getpid());
  EXPECT_NE(::access((find_freezer_parent()->path + own).c_str(), F_OK), 0);
}

TEST_F(LabAgents, SigkillOfTheMakerThawsAndRemovesItsCgroups) {
  const Result<FreezerParent> parent = find_freezer_parent();
  if (!parent.ok()) GTEST_SKIP() << parent.error().what;
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const Fd reader(ends[0]);
  Fd writer(ends[1]);
  const pid_t runner = ::fork();
  if (runner == 0) {
    const auto body = [&](Arena& arena, int) {
      const std::string frozen = freeze_a_child(arena);
      (void)!::write(writer.get(), frozen.data(), frozen.size());
      for (;;) (void)::pause();
      return 0;
    };
    const auto wait_for_end = [](int control) {
      char byte = 0;
      (void)::recv(control, &byte, 1, 0);
    };
    (void)run_in_lab(topology("eu e1", ""), {}, body, wait_for_end);
    ::_exit(0);
  }
  writer.reset();
  std::array<char, 256> answer{};
  ASSERT_EQ(::read(reader.get(), answer.data(), answer.size()), 2) << answer.data();
  const std::string cgroup = parent->path + "/squall-lab-" + std::to_string(runner);
  EXPECT_EQ(::access(cgroup.c_str(), F_OK), 0);
  std::vector<Fd> family;
  for (const pid_t pid : descendants(runner).value_or({})) {
    Result<Fd> pidfd = open_pidfd(pid);
    if (pidfd.ok()) family.push_back(std::move(*pidfd));
  }
  ASSERT_GE(family.size(), 5U);  // guardian, init, agent, body, and the frozen one
  ASSERT_EQ(::kill(runner, SIGKILL), 0);
  ASSERT_EQ(::waitpid(runner, nullptr, 0), runner);
  for (const Fd& pidfd : family) EXPECT_TRUE(wait_for_exit(pidfd, kPatience).value_or(false));
  EXPECT_NE(::access(cgroup.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace squall
