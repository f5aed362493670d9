// How exact network.delay is, what it loses, and how much it can carry: by the delay line, and by
// netem where the kernel has it.  Two namespaces on a virtual cable, the real transactions of the
// network plane; needs no root, but /dev/net/tun.
#include <linux/sock_diag.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <vector>

#include "agent/linux_kernel.h"
#include "agent/planes/network_applier.h"
#include "kernel/namespaces.h"
#include "kernel/netlink.h"
#include "kernel/probes.h"
#include "kernel/sockets.h"
#include "kernel/wait.h"

namespace squall {
namespace {

using std::chrono::milliseconds;

constexpr Duration kLease = std::chrono::seconds(60);
constexpr Duration kPatience = std::chrono::seconds(5);
constexpr int kProbes = 300;
constexpr int kRate = 20'000;  // packets/s
constexpr std::size_t kPayload = 200;
// Between two looks at what is due.
constexpr Duration kPace = std::chrono::microseconds(200);

MonoTime now() {
  return system_clock().mono();
}

struct Cable {
  Fd left = {};
  Fd right = {};
};

Result<Cable> make_cable() {
  Cable cable{.left = TRY(make_netns()), .right = TRY(make_netns())};
  Netlink left = TRY(Netlink::open(cable.left));
  Netlink right = TRY(Netlink::open(cable.right));
  TRY(left.add_veth("eth0", "eth0", cable.right));
  for (Netlink* end : {&left, &right}) {
    const std::string number = end == &left ? "1" : "2";
    TRY(end->add_address("eth0", "198.18.0." + number + "/24"));
    TRY(end->add_address("eth0", "fd00::" + number + "/64"));
    TRY(end->set_up("eth0"));
  }
  return cable;
}

std::string right_address(IpFamily family) {
  return family == IpFamily::kV4 ? "198.18.0.2" : "fd00::2";
}

NetworkState delay_of(Duration delay) {
  return {.delays = {{{FaultId("slow"), {"198.18.0.2"}, {"fd00::2"}}, {.delay = delay}}}};
}

// From left to right late, back at once.
Result<std::vector<Duration>> round_trips(const Cable& cable, IpFamily family) {
  UdpEcho echo = TRY(UdpEcho::open(cable.right, {.ip = right_address(family), .port = 0}));
  UdpProbe probe = TRY(UdpProbe::open(cable.left, echo.address()));
  std::vector<Duration> times;
  for (int i = 0; i < kProbes; ++i) {
    const MonoTime begin = now();
    const std::uint64_t number = TRY(probe.send());
    if (!TRY(wait_readable(echo.fd(), kPatience))) return Error{Errc::kTimeout, "no datagram"};
    (void)TRY(echo.answer());
    if (!TRY(probe.wait_for(number, kPatience))) return Error{Errc::kTimeout, "no answer"};
    times.push_back(now() - begin);
  }
  std::sort(times.begin(), times.end());
  return times;
}

double ms(Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

Result<> measure_accuracy(const Cable& cable, NetworkApplier& applier) {
  for (const IpFamily family : kBothFamilies) {
    const std::vector<Duration> before = TRY(round_trips(cable, family));
    TRY(applier.reconcile(delay_of(milliseconds(50)), kLease));
    const std::vector<Duration> during = TRY(round_trips(cable, family));
    TRY(applier.reconcile({}, kLease));
    const Duration base = before[before.size() / 2];
    (void)std::printf("50 ms requested, IPv%d: p50 %.3f ms  p99 %.3f ms  (%d probes)\n",
                      family == IpFamily::kV4 ? 4 : 6, ms(during[during.size() / 2] - base),
                      ms(during[during.size() * 99 / 100] - base), kProbes);
  }
  return {};
}

// Reads everything until told to stop and nothing more comes.
void receive(const Fd& socket, const std::atomic<bool>& is_over, std::uint64_t& count) {
  std::array<char, 2048> buffer{};
  for (;;) {
    const bool was_over = is_over;
    while (::recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) ++count;
    if (!wait_readable(socket, milliseconds(200)).value_or(false) && was_over) return;
  }
}

// What came, but found the receiver's own buffer full: no fault of the line.
std::uint64_t overrun(const Fd& socket) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> facts{};
  socklen_t size = sizeof facts;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_MEMINFO, facts.data(), &size) != 0) return 0;
  return facts[SK_MEMINFO_DROPS];
}

struct Flood {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t overrun = 0;
  Duration took{0};
};

// `rate` 0: as fast as the sender can.
Result<Flood> flood(const Cable& cable, IpFamily family, int rate, Duration length) {
  UdpEcho target = TRY(UdpEcho::open(cable.right, {.ip = right_address(family), .port = 0}));
  const UdpProbe source = TRY(UdpProbe::open(cable.left, target.address()));
  Flood result;
  std::atomic<bool> is_over = false;
  std::thread receiver([&] { receive(target.fd(), is_over, result.received); });
  const std::array<char, kPayload> payload{};
  const MonoTime begin = now();
  while (now() - begin < length) {
    const double due = rate == 0 ? 1e18 : rate * static_cast<double>((now() - begin).count()) / 1e9;
    if (static_cast<double>(result.sent) >= due) {
      (void)wait_readable(source.fd(), kPace);  // nothing answers
      continue;
    }
    if (::send(source.fd().get(), payload.data(), payload.size(), MSG_DONTWAIT) > 0) ++result.sent;
  }
  result.took = now() - begin;
  is_over = true;
  receiver.join();
  result.overrun = overrun(target.fd());
  return result;
}

Result<> measure_flood(const Cable& cable, NetworkApplier& applier, const char* what, int rate,
                       Duration delay) {
  for (const IpFamily family : kBothFamilies) {
    TRY(applier.reconcile(delay_of(delay), kLease));
    const Flood seen = TRY(flood(cable, family, rate, std::chrono::seconds(5)));
    const DelayCounters counters = applier.delay_counters();
    TRY(applier.reconcile({}, kLease));
    const double seconds = static_cast<double>(seen.took.count()) / 1e9;
    const std::uint64_t delivered = seen.received + seen.overrun;
    const double late =
        counters.sent == 0 ? 0 : ms(counters.late) / static_cast<double>(counters.sent);
    (void)std::printf(
        "%s, IPv%d: sent %.0f/s  delivered %.0f/s  lost %lld (waiting %llu)  late by %.3f ms\n",
        what, family == IpFamily::kV4 ? 4 : 6, static_cast<double>(seen.sent) / seconds,
        static_cast<double>(delivered) / seconds,
        static_cast<long long>(seen.sent) - static_cast<long long>(delivered),
        static_cast<unsigned long long>(counters.dropped), late);
  }
  return {};
}

Result<> measure(const Cable& cable, const std::string& journal, DelayChoice choice) {
  const auto kernel = TRY(LinuxKernel::open(journal, "", choice));
  Journal record(*kernel, "bench");
  NetworkApplier applier(*kernel, record, system_clock(), {"squall_bench", 4747});
  TRY(measure_accuracy(cable, applier));
  TRY(measure_flood(cable, applier, "20 000/s with 20 ms", kRate, milliseconds(20)));
  return measure_flood(cable, applier, "flood with 5 ms", 0, milliseconds(5));
}

Result<> run() {
  const IdMap map{.outside_uid = ::geteuid(), .outside_gid = ::getegid()};
  TRY(unshare_namespaces(CLONE_NEWUSER | CLONE_NEWNET));
  TRY(write_id_maps(0, map));
  const Cable cable = TRY(make_cable());
  const NetnsScope scope = TRY(NetnsScope::enter(cable.left));
  const std::string journal =
      (std::filesystem::temp_directory_path() / ("squall-bench-" + std::to_string(::getpid())))
          .string();
  (void)std::printf("delay line\n");
  Result<> done = measure(cable, journal, DelayChoice::kLine);
  const Result<> netem = probe_netem();
  (void)std::printf("netem%s\n", netem ? "" : (": " + netem.error().what).c_str());
  if (done && netem) done = measure(cable, journal, DelayChoice::kNetem);
  std::error_code ignored;
  std::filesystem::remove(journal, ignored);
  return done;
}

}  // namespace
}  // namespace squall

int main() {
  const squall::Result<> done = squall::run();
  if (!done.ok()) (void)std::fprintf(stderr, "%s\n", done.error().what.c_str());
  return done.ok() ? 0 : 1;
}
