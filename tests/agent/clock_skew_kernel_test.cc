// Skewed clocks in real programs under a whole agent: what they tell, their restarts, and what is
// left when the agent is killed, hung or resumed.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "agent/recover_clocks.h"
#include "base/files.h"
#include "kernel/clock_skew.h"
#include "kernel/process.h"
#include "kernel/target_memory.h"
#include "kernel/vdso.h"
#include "kernel/wait.h"
#include "tests/agent/served_agent.h"

namespace squall {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr const char* kAhead = "clock.skew ahead: left/sleeper (offset=36h)";
// So large that no slow machine is mistaken for a skew, nor a skew for a slow machine.
constexpr Duration kOffset = hours(36);
constexpr Duration kSlack = hours(1);
// Tells the time of day again and again, without other programs.
constexpr const char* kTeller =
    "exec 3<> <(:); while :; do echo $EPOCHREALTIME; read -t 0.01 -u 3; done";

class ClockSkewKernelTest : public ServiceKernelTest {
 protected:
  void SetUp() override {
    ServiceKernelTest::SetUp();
    if (IsSkipped()) return;
    const Result<> possible = check_clock_skew();
    if (!possible.ok()) GTEST_SKIP() << possible.error().what;
  }

  pid_t start_program(const std::vector<std::string>& command) {
    v1::StartRequest request = sleeper_request();
    request.clear_command();
    for (const std::string& word : command) request.add_command(word);
    return start(request);
  }
  pid_t start_teller() { return start_program({"bash", "-c", kTeller}); }

  [[nodiscard]] std::string log() const {
    return read_file(folder.path() + "/sleeper.log").value_or("");
  }
  // What is told from now on.
  [[nodiscard]] bool tells_wrong_time() const {
    const std::size_t before = told_count();
    EXPECT_TRUE(eventually([&] { return told_count() > before + 2; }));
    const std::string text = log();
    const std::size_t end = text.rfind('\n');
    const std::size_t begin = text.rfind('\n', end - 1) + 1;
    const Duration told = seconds(std::stoll(text.substr(begin, end - begin)));
    return told - system_clock().wall().since_epoch > kOffset - kSlack;
  }
  [[nodiscard]] std::size_t told_count() const {
    const std::string text = log();
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  [[nodiscard]] static bool is_pristine(pid_t pid) {
    const MemoryMapping mapping = must(find_vdso(must(mappings_of(pid))));
    VdsoImage pristine = must(own_vdso());
    pristine.resize(end_of_content(pristine));
    VdsoImage image(pristine.size());
    must(must(TargetMemory::open(pid)).read(mapping.start, image.data(), image.size()));
    return image == pristine;
  }
  void heal() {
    v1::HealReply healed;
    ASSERT_TRUE(stub_->HealAll(fresh().get(), {}, &healed).ok());
  }
  v1::ObserveReply observe() {
    v1::ObserveReply reply;
    EXPECT_TRUE(stub_->Observe(fresh().get(), {}, &reply).ok());
    return reply;
  }
};

TEST_F(ClockSkewKernelTest, AProgramTellsTheWrongTimeUntilItIsHealed) {
  const pid_t pid = start_teller();
  EXPECT_FALSE(tells_wrong_time());
  ASSERT_EQ(apply(kAhead), "ok");
  EXPECT_TRUE(tells_wrong_time());
  const v1::ObserveReply seen = observe();
  EXPECT_EQ(seen.planes(2).plane(), "clock");
  EXPECT_EQ(seen.planes(2).observed(), "sleeper: clock off by 36h\n");
  EXPECT_TRUE(seen.planes(2).agrees());
  ASSERT_EQ(seen.counters_size(), 1);
  EXPECT_EQ(seen.counters(0).what(), "changed clock readings");
  EXPECT_GT(seen.counters(0).count(), 0U);
  heal();
  EXPECT_FALSE(tells_wrong_time());
  EXPECT_TRUE(is_pristine(pid));
}

TEST_F(ClockSkewKernelTest, ARestartedProgramNeverTellsTheRightTime) {
  constexpr int kRestarts = 5;
  ASSERT_GT(start_teller(), 0);
  ASSERT_EQ(apply(kAhead, seconds(60)), "ok");
  EXPECT_TRUE(tells_wrong_time());
  const std::string before = log();
  for (int i = 1; i <= kRestarts; ++i) {
    const std::string kill = "process.kill k" + std::to_string(i);
    ASSERT_EQ(apply(kill + ": left/sleeper (restart-after=1ms)"), "ok");
    ASSERT_TRUE(eventually([&] { return sleeper().restarts() == static_cast<unsigned>(i); }));
    EXPECT_TRUE(tells_wrong_time());
  }
  std::istringstream lines(log().substr(before.size()));
  for (std::string line; std::getline(lines, line);) {
    // A line that was torn by the kill has no date.
    if (line.size() < 17) continue;
    EXPECT_GT(Duration(seconds(std::stoll(line))) - system_clock().wall().since_epoch, kSlack)
        << line;
  }
  heal();
  EXPECT_FALSE(tells_wrong_time());
}

TEST_F(ClockSkewKernelTest, AProgramThatItExecutesByItselfIsPickedUp) {
  const std::string folder_of_it = folder.path() + "/sleeper";
  start_program({"bash", "-c",
                 "until [ -e go ]; do read -t 0.01 -u 3; done 3<> <(:); exec bash -c '" +
                     std::string(kTeller) + "'"});
  ASSERT_EQ(apply(kAhead, seconds(60)), "ok");
  must(write_file(folder_of_it + "/go", ""));
  EXPECT_TRUE(eventually([this] { return tells_wrong_time(); }));
  heal();
  EXPECT_FALSE(tells_wrong_time());
}

TEST_F(ClockSkewKernelTest, EndsWithItsLeaseWhenTheAgentIsKilled) {
  const pid_t pid = start_teller();
  ASSERT_EQ(apply(kAhead, seconds(1)), "ok");
  EXPECT_TRUE(tells_wrong_time());
  (void)end_agent(SIGKILL);
  EXPECT_TRUE(eventually([this] { return !tells_wrong_time(); }));
  EXPECT_FALSE(is_pristine(pid));  // inert
  start_agent();
  EXPECT_TRUE(is_pristine(pid));
  EXPECT_FALSE(tells_wrong_time());
}

TEST_F(ClockSkewKernelTest, RecoverPutsBackWhatNobodyRenewsAndNothingElse) {
  const pid_t pid = start_teller();
  ASSERT_EQ(apply(kAhead, seconds(60)), "ok");
  EXPECT_TRUE(recover_clocks(std::vector{pid}).empty());  // its agent lives
  EXPECT_TRUE(tells_wrong_time());
  (void)end_agent(SIGKILL);
  must(skew_clock(pid, kOffset, system_clock().boot()));  // its lease is over
  EXPECT_EQ(recover_clocks(std::vector{pid}),
            std::vector{"undone: clock of process " + std::to_string(pid) + " skewed"});
  EXPECT_TRUE(is_pristine(pid));
  EXPECT_TRUE(recover_clocks(std::vector{pid}).empty());
  start_agent();
}

TEST_F(ClockSkewKernelTest, EndsAtOnceWhenAnotherAgentStarts) {
  const pid_t pid = start_teller();
  ASSERT_EQ(apply(kAhead, seconds(60)), "ok");
  (void)end_agent(SIGKILL);
  EXPECT_TRUE(tells_wrong_time());
  start_agent();
  EXPECT_FALSE(tells_wrong_time());
  EXPECT_TRUE(is_pristine(pid));
}

TEST_F(ClockSkewKernelTest, EndsWithItsLeaseWhenTheAgentHangsAndStaysEnded) {
  const pid_t pid = start_teller();
  ASSERT_EQ(apply(kAhead, seconds(1)), "ok");
  EXPECT_TRUE(tells_wrong_time());
  must(send_signal(must(open_pidfd(agent_)), SIGSTOP));
  EXPECT_TRUE(eventually([this] { return !tells_wrong_time(); }));
  must(send_signal(must(open_pidfd(agent_)), SIGCONT));
  v1::RenewRequest renew;
  renew.set_lease_ns(Duration(seconds(5)).count());
  v1::RenewReply renewed;
  ASSERT_TRUE(stub_->Renew(fresh().get(), renew, &renewed).ok());
  EXPECT_EQ(renewed.active_size(), 0);
  EXPECT_FALSE(tells_wrong_time());
  EXPECT_TRUE(is_pristine(pid));
}

TEST_F(ClockSkewKernelTest, TheAgentSaysThatItCan) {
  v1::CapabilitiesReply reply;
  ASSERT_TRUE(stub_->Capabilities(fresh().get(), {}, &reply).ok());
  EXPECT_EQ(std::count(reply.kinds().begin(), reply.kinds().end(), "clock.skew"), 1);
}

// Servers of the stacks, if they are there.
std::string server(const std::string& name) {
  const char* stacks = std::getenv("SQUALL_STACKS");
  const char* source = std::getenv("SQUALL_SOURCE_DIR");
  const std::string root = stacks != nullptr   ? stacks
                           : source != nullptr ? std::string(source) + "/build/stacks/root"
                                               : "";
  const std::string path = root + "/usr/bin/" + name;
  return std::filesystem::exists(path) ? path : "";
}

std::string ask_redis(const std::string& socket, const std::string& request) {
  const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return "";
  (void)::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL);
  char answer[256];
  if (!wait_readable(fd, kPatience).value_or(false)) return "";
  const ssize_t size = ::recv(fd.get(), answer, sizeof answer, 0);
  return std::string(answer, size > 0 ? static_cast<std::size_t>(size) : 0);
}

TEST_F(ClockSkewKernelTest, RedisTellsTheSkewedTime) {
  const std::string program = server("redis-server");
  if (program.empty()) GTEST_SKIP() << "no redis-server; run ./dev stacks";
  const std::string socket = folder.path() + "/redis";
  ASSERT_GT(start_program({program, "--port", "0", "--unixsocket", socket, "--save", ""}), 0);
  // "*2\r\n$10\r\n1700000000\r\n…"
  const auto offset = [&] {
    const std::string answer = ask_redis(socket, "TIME\r\n");
    if (!answer.starts_with("*2\r\n$10\r\n")) return Duration::max();
    return Duration(seconds(std::stoll(answer.substr(9)))) - system_clock().wall().since_epoch;
  };
  EXPECT_TRUE(eventually([&] { return offset() < kSlack; }));
  ASSERT_EQ(apply(kAhead, seconds(60)), "ok");
  EXPECT_GT(offset(), kOffset - kSlack);
  EXPECT_LT(offset(), kOffset + kSlack);
  heal();
  EXPECT_LT(offset(), kSlack);
}

// Go asks the vDSO itself, on stacks of its own, with signals in between.
TEST_F(ClockSkewKernelTest, AGoProgramIsSkewedFromItsFirstLine) {
  const std::string program = server("etcd");
  if (program.empty()) GTEST_SKIP() << "no etcd; run ./dev stacks";
  // The node's addresses are nobody else's.
  const std::string client = "http://198.18.0.1:2379";
  const std::string peer = "http://198.18.0.1:2380";
  ASSERT_GT(
      start_program({program, "--logger=zap", "--data-dir=data", "--listen-client-urls=" + client,
                     "--advertise-client-urls=" + client, "--listen-peer-urls=" + peer,
                     "--initial-advertise-peer-urls=" + peer, "--initial-cluster=default=" + peer}),
      0);
  // {"level":"info","ts":"2026-11-24T…
  constexpr std::string_view kStamp = "\"ts\":\"";
  EXPECT_TRUE(eventually([&] { return log().find(kStamp) != std::string::npos; }));
  ASSERT_EQ(apply(kAhead, seconds(60)), "ok");
  ASSERT_EQ(apply("process.kill k: left/sleeper (restart-after=1s)"), "ok");
  ASSERT_TRUE(eventually([this] { return sleeper().state() == "restarting"; }));
  const std::size_t old = log().size();
  EXPECT_TRUE(eventually([&] { return log().find(kStamp, old) != std::string::npos; }));
  const std::string first = log().substr(log().find(kStamp, old) + kStamp.size(), 10);
  // Midnight may pass between the two.
  const std::string earliest = to_text(system_clock().wall() + kOffset - kSlack).substr(0, 10);
  const std::string latest = to_text(system_clock().wall() + kOffset).substr(0, 10);
  EXPECT_TRUE(earliest <= first && first <= latest) << first;
}

}  // namespace
}  // namespace squall
