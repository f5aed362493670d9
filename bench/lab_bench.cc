// How long a lab of ten nodes takes to come up and to go, beside the kernel's own price for the
// same namespaces, and how exact its delay line is.
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string_view>
#include <vector>

#include "arena/arena.h"
#include "kernel/sockets.h"
#include "kernel/wait.h"

namespace squall {
namespace {

using std::chrono::milliseconds;

constexpr int kRuns = 11;
constexpr int kNodes = 10;
constexpr int kProbes = 200;
constexpr Duration kRequested = milliseconds(40);
constexpr Duration kPatience = std::chrono::seconds(5);

Topology ten_nodes() {
  Topology topology;
  topology.name = "ten";
  topology.regions = {"eu", "us"};
  topology.delay[{"eu", "us"}] = kRequested;
  topology.delay[{"us", "eu"}] = kRequested;
  for (int i = 0; i < kNodes; ++i) {
    topology.nodes.push_back({.name = NodeName("n" + std::to_string(i)),
                              .region = topology.regions[static_cast<std::size_t>(i % 2)],
                              .run = {}});
  }
  return topology;
}

Duration quantile(std::vector<Duration> values, int percent) {
  if (values.empty()) return Duration(0);
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) * static_cast<std::size_t>(percent) / 100];
}

void print(const char* what, const std::vector<Duration>& values) {
  (void)std::printf("%-44s p50 %-8s p99 %-8s (%zu)\n", what,
                    to_short_text(quantile(values, 50)).c_str(),
                    to_short_text(quantile(values, 99)).c_str(), values.size());
}

MonoTime now() {
  return system_clock().mono();
}

// The least that anyone could pay: the namespaces alone, made and gone, one set for each node.
std::vector<Duration> clone_and_exit() {
  std::vector<Duration> times;
  for (int run = 0; run < kRuns; ++run) {
    const MonoTime begin = now();
    for (int node = 0; node < kNodes; ++node) {
      const int flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
                        CLONE_NEWUTS | SIGCHLD;
      const long pid = ::syscall(SYS_clone, flags, nullptr, nullptr, nullptr, 0L);
      if (pid == 0) ::_exit(0);
      if (pid > 0) (void)::waitpid(static_cast<pid_t>(pid), nullptr, 0);
    }
    times.push_back(now() - begin);
  }
  return times;
}

struct LabTimes {
  std::vector<Duration> up;
  std::vector<Duration> down;
};

Result<LabTimes> time_labs(bool has_agents) {
  LabTimes times;
  LabOptions options;
  options.has_agents = has_agents;
  for (int run = 0; run < kRuns; ++run) {
    const MonoTime begin = now();
    MonoTime told{};
    const auto wait_for_go = [](Arena&, int control) {
      char go = 0;
      return ::recv(control, &go, 1, 0) == 1 ? 0 : 1;
    };
    const auto measure = [&](int control) {
      times.up.push_back(now() - begin);
      told = now();
      (void)::send(control, "g", 1, MSG_NOSIGNAL);
    };
    const LabEnd end = TRY(run_in_lab(ten_nodes(), options, wait_for_go, measure));
    if (!end.failure.empty()) return Error{Errc::kIo, end.failure};
    times.down.push_back(now() - told);
  }
  return times;
}

Fd duplicate(int fd) {
  return Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

// Round trips across the regions; each passes the delay line twice.
Result<std::vector<Duration>> one_way_delays(Arena& arena, bool is_ipv6) {
  const NodeAddresses& there = arena.addresses().at("n1");
  UdpEcho echo = TRY(UdpEcho::open(duplicate(arena.node_netns(NodeName("n1"))),
                                   {.ip = is_ipv6 ? there.ipv6 : there.ipv4, .port = 0}));
  UdpProbe probe = TRY(UdpProbe::open(duplicate(arena.node_netns(NodeName("n0"))), echo.address()));
  std::vector<Duration> times;
  for (int i = 0; i < kProbes; ++i) {
    const MonoTime begin = now();
    const std::uint64_t number = TRY(probe.send());
    if (!TRY(wait_readable(echo.fd(), kPatience))) return Error{Errc::kTimeout, "no datagram"};
    (void)TRY(echo.answer());
    if (!TRY(probe.wait_for(number, kPatience))) return Error{Errc::kTimeout, "no answer"};
    times.push_back((now() - begin) / 2);
  }
  return times;
}

Result<> measure_delays() {
  LabOptions options;
  options.has_agents = false;
  const auto body = [](Arena& arena, int) {
    for (const bool is_ipv6 : {false, true}) {
      const Result<std::vector<Duration>> times = one_way_delays(arena, is_ipv6);
      if (!times.ok()) return 1;
      print(is_ipv6 ? "one way, 40 ms requested, IPv6" : "one way, 40 ms requested, IPv4", *times);
    }
    return 0;
  };
  const LabEnd end = TRY(run_in_lab(ten_nodes(), options, body, {}));
  if (end.exit_code == 0 && end.failure.empty()) return {};
  return Error{Errc::kIo, "the delays could not be measured: " + end.failure};
}

Result<> run() {
  print("limit: 10 x clone and exit of the namespaces", clone_and_exit());
  const LabTimes bare = TRY(time_labs(false));
  print("10 nodes up, no agents", bare.up);
  print("10 nodes down, no agents", bare.down);
  const LabTimes full = TRY(time_labs(true));
  print("10 nodes up, agents answering", full.up);
  print("10 nodes down, agents answering", full.down);
  return measure_delays();
}

}  // namespace
}  // namespace squall

int main(int argc, char** argv) {
  using namespace squall;
  const auto work = [&]() -> Result<> {
    if (argc != 4 || std::string_view(argv[1]) != "agent") return run();
    const AgentConfig config = TRY(read_agent_config(argv[3]));
    return run_agent(config);
  };
  const Result<> outcome = work();
  if (!outcome.ok()) (void)std::fprintf(stderr, "%s\n", outcome.error().what.c_str());
  return outcome.ok() ? 0 : 1;
}
