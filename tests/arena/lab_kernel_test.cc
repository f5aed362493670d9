// The lab on a real kernel: reachable, late, separate, and gone without a trace.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <set>

#include "arena/lab_door.h"
#include "base/files.h"
#include "kernel/child.h"
#include "kernel/freezer.h"
#include "kernel/process.h"
#include "kernel/pseudo_file.h"
#include "kernel/sockets.h"
#include "tests/arena/lab_run.h"

namespace squall {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kPatience = seconds(5);
// For what must not come at all.
constexpr Duration kSilence = milliseconds(300);

class Lab : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = why_no_lab(); !why.empty()) GTEST_SKIP() << why;
    has_tun_ = ::access("/dev/net/tun", R_OK | W_OK) == 0;
  }
  bool has_tun_ = false;
};

// "e1→e2 v4 ok, …" with the delay judged by its lower bound only: a busy machine is late.
std::string judge(Arena& arena, const std::string& from, const std::string& to, Duration at_least) {
  std::string text;
  for (const bool is_ipv6 : {false, true}) {
    const std::int64_t ns = shortest_round_trip(arena, from, to, is_ipv6, 3, kPatience);
    const std::string verdict = ns < 0                  ? "failed " + std::to_string(ns)
                                : ns < at_least.count() ? "too fast: " + to_text(Duration(ns))
                                                        : "ok";
    text += from + "→" + to + (is_ipv6 ? " v6 " : " v4 ") + verdict + "\n";
  }
  return text;
}

TEST_F(Lab, NodesReachEachOtherAndRegionsAreApartByTheirDelay) {
  if (!has_tun_) GTEST_SKIP() << "/dev/net/tun cannot be opened";
  const LabStory story =
      run_lab(topology("eu e1 e2 | us e3", "eu us 20ms"), bare_options(), [](Arena& arena) {
        return judge(arena, "e1", "e2", Duration(0)) + judge(arena, "e1", "e3", milliseconds(40)) +
               judge(arena, "e3", "e2", milliseconds(40)) + "dropped " +
               arena.facts().at("delay-line.dropped");
      });
  EXPECT_EQ(story.error + story.end.failure, "");
  EXPECT_EQ(story.end.exit_code, 7);
  EXPECT_EQ(story.report,
            "e1→e2 v4 ok\ne1→e2 v6 ok\ne1→e3 v4 ok\ne1→e3 v6 ok\n"
            "e3→e2 v4 ok\ne3→e2 v6 ok\ndropped 0");
}

TEST_F(Lab, WithoutABaselineRegionsAreSimplyConnected) {
  LabOptions options = bare_options();
  options.has_baseline = false;
  options.tun_device = "/nonexistent";
  const LabStory story = run_lab(topology("eu e1 | us e2", "eu us 10s"), options, [](Arena& arena) {
    return judge(arena, "e1", "e2", Duration(0)) + arena.facts().at("baseline");
  });
  EXPECT_EQ(story.error, "");
  EXPECT_EQ(story.report, "e1→e2 v4 ok\ne1→e2 v6 ok\noff: --no-baseline");
}

TEST_F(Lab, RefusesABaselineWithoutATunDevice) {
  LabOptions options = bare_options();
  options.tun_device = "/nonexistent/tun";
  const LabStory story = run_lab(topology("eu e1 | us e2", "eu us 40ms"), options,
                                 [](Arena&) { return std::string("ran"); });
  EXPECT_EQ(story.report, "");
  EXPECT_EQ(story.error,
            "lab: the baseline delay between regions: open /nonexistent/tun: No such file or "
            "directory; load the tun module, or in a container: --device /nonexistent/tun; or run "
            "with --no-baseline");
}

TEST_F(Lab, ADeadDelayLineCutsRegionsApart) {
  if (!has_tun_) GTEST_SKIP() << "/dev/net/tun cannot be opened";
  const LabStory story =
      run_lab(topology("eu e1 e2 | us e3", "eu us 5ms"), bare_options(), [](Arena& arena) {
        std::string text = judge(arena, "e1", "e3", milliseconds(10));
        const Result<Fd> pidfd = open_pidfd(std::stoi(arena.facts().at("delay-line.pid")));
        if (!pidfd.ok() || !send_signal(*pidfd, SIGKILL).ok()) return std::string("cannot kill");
        if (!wait_for_exit(*pidfd, kPatience).value_or(false)) return std::string("did not die");
        for (const bool is_ipv6 : {false, true}) {
          text +=
              std::to_string(shortest_round_trip(arena, "e1", "e3", is_ipv6, 1, kSilence)) + "\n";
        }
        return text + judge(arena, "e1", "e2", Duration(0));
      });
  EXPECT_EQ(story.report, "e1→e3 v4 ok\ne1→e3 v6 ok\n-1\n-1\ne1→e2 v4 ok\ne1→e2 v6 ok\n");
}

TEST_F(Lab, EachNodeHasItsOwnHostNameAndKnowsAllOthers) {
  std::array<int, 4> codes{-1, -1, -1, -1};
  std::string wrong_node;
  std::string wrong_command;
  const std::string run = std::to_string(::getpid());
  const auto grep = [&run](const std::string& node, const std::string& line,
                           const std::string& file) {
    const Result<int> code = run_in_node(run, NodeName(node), {"grep", "-qx", line, file});
    return code.ok() ? *code : -1;
  };
  const LabStory story = run_lab(
      topology("eu e1 e2", ""), bare_options(), [](Arena&) { return std::string("done"); },
      [&] {
        codes[0] = grep("e1", "e1", "/proc/sys/kernel/hostname");
        codes[1] = grep("e2", "e2", "/proc/sys/kernel/hostname");
        codes[2] = grep("e2", "198.18.1.1 e1", "/etc/hosts");
        codes[3] = grep("e1", "no such line", "/etc/hosts");
        const Result<int> refused = run_in_node(run, NodeName("e9"), {"true"});
        wrong_node = refused.ok() ? "let in" : refused.error().what;
        const Result<int> missing = run_in_node(run, NodeName("e1"), {"no-such-program"});
        wrong_command = missing.ok() ? "ran" : missing.error().what;
      });
  EXPECT_EQ(story.report, "done");
  EXPECT_EQ(codes, (std::array<int, 4>{0, 0, 0, 1}));
  EXPECT_NE(wrong_node.find("no node 'e9' in this run; did you mean 'e1'?"), std::string::npos)
      << wrong_node;
  EXPECT_EQ(wrong_command, "run 'no-such-program': No such file or directory");
}

TEST_F(Lab, TwoAtOnceDoNotSeeEachOther) {
  const auto reach = [](Arena& arena) { return judge(arena, "e1", "e2", Duration(0)); };
  LabStory inner;
  const LabStory outer = run_lab(topology("eu e1 e2", ""), bare_options(), reach, [&] {
    inner = run_lab(topology("eu e1 e2", ""), bare_options(), reach);
  });
  EXPECT_EQ(outer.report, "e1→e2 v4 ok\ne1→e2 v6 ok\n");
  EXPECT_EQ(inner.report, "e1→e2 v4 ok\ne1→e2 v6 ok\n");
}

TEST_F(Lab, SaysHowItsBodyDied) {
  const LabStory story = run_lab(topology("eu e1", ""), bare_options(), [](Arena&) {
    (void)::raise(SIGKILL);
    return std::string();
  });
  EXPECT_EQ(story.end.failure, "the lab's body was killed by signal 9");
}

TEST_F(Lab, SaysHowItsInitDied) {
  const LabStory story = run_lab(
      topology("eu e1", ""), bare_options(), [](Arena&) { return std::string("done"); },
      [] {
        for (const pid_t child : children(::getpid()).value_or({})) (void)::kill(child, SIGKILL);
      });
  EXPECT_EQ(story.end.failure, "the lab's init was killed by signal 9");
}

// What a run could leave on the machine.
struct Traces {
  std::string mounts;
  std::set<std::string> files;
  friend bool operator==(const Traces&, const Traces&) = default;
};

Traces look_around() {
  Traces traces{.mounts = read_pseudo_file("/proc/self/mountinfo").value_or(""), .files = {}};
  for (const char* folder : {"/mnt", "/media", "/srv", "/opt", "/dev/shm"}) {
    for (const char* ours : {"/agents", "/nodes", "/state", "/run", "/hosts"}) {
      const std::string path = std::string(folder) + ours;
      if (std::filesystem::exists(path)) traces.files.insert(path);
    }
  }
  return traces;
}

bool is_open(pid_t run) {
  const std::vector<int> runs = open_runs().value_or({});
  return std::find(runs.begin(), runs.end(), run) != runs.end();
}

// A process that runs a lab until it is killed; it says when the lab is up.
pid_t fork_runner(const Fd& ready) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  (void)run_in_lab(
      topology("eu e1 e2 | us e3", ""), bare_options(),
      [](Arena&, int) {
        const pid_t orphan = ::fork();
        if (orphan == 0) (void)::setsid();
        for (;;) (void)::pause();
        return 0;
      },
      [&](int control) {
        (void)!::write(ready.get(), "u", 1);
        char byte = 0;
        (void)::recv(control, &byte, 1, 0);
      });
  ::_exit(0);
}

TEST_F(Lab, SigkillOfItsMakerLeavesNothing) {
  const Traces before = look_around();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const Fd reader(ends[0]);
  Fd writer(ends[1]);
  const pid_t runner = fork_runner(writer);
  writer.reset();
  char byte = 0;
  ASSERT_EQ(::read(reader.get(), &byte, 1), 1);

  const Result<std::vector<pid_t>> pids = descendants(runner);
  ASSERT_TRUE(pids.ok());
  ASSERT_GE(pids->size(), 2U);  // the init and the body at least
  std::vector<Fd> family;
  for (const pid_t pid : *pids) {
    Result<Fd> pidfd = open_pidfd(pid);
    if (pidfd.ok()) family.push_back(std::move(*pidfd));
  }
  EXPECT_TRUE(is_open(runner));
  ASSERT_EQ(::kill(runner, SIGKILL), 0);
  ASSERT_EQ(::waitpid(runner, nullptr, 0), runner);
  for (const Fd& pidfd : family) EXPECT_TRUE(wait_for_exit(pidfd, kPatience).value_or(false));
  EXPECT_EQ(look_around(), before);
  EXPECT_FALSE(is_open(runner));
}

TEST_F(Lab, AnOrdinaryUserNeedsNoPrivilege) {
  if (::geteuid() != 0) GTEST_SKIP() << "already an ordinary user: every test shows it";
  const Result<> outcome = run_in_child([]() -> Result<> {
    constexpr unsigned kNobody = 65534;
    if (::setresgid(kNobody, kNobody, kNobody) != 0) return errno_error("setresgid");
    if (::setresuid(kNobody, kNobody, kNobody) != 0) return errno_error("setresuid");
    // Changing the user hides /proc/self from it until the next exec.
    if (::prctl(PR_SET_DUMPABLE, 1) != 0) return errno_error("prctl");
    if (::chdir("/") != 0) return errno_error("chdir");
    LabOptions options = bare_options();
    options.has_baseline = false;
    const LabStory story = run_lab(topology("eu e1 e2 | us e3", ""), options, [](Arena& arena) {
      return judge(arena, "e1", "e2", Duration(0)) + judge(arena, "e1", "e3", Duration(0)) +
             "uid " + std::to_string(::geteuid());
    });
    if (story.report == "e1→e2 v4 ok\ne1→e2 v6 ok\ne1→e3 v4 ok\ne1→e3 v6 ok\nuid 1000") return {};
    return Error{Errc::kIo, story.error + story.end.failure + story.report};
  });
  EXPECT_TRUE(outcome.ok()) << outcome.error().what;
}

}  // namespace
}  // namespace squall
