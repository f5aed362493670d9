// Reads packets from the TUN device, holds them, writes them back; the kernel then forwards them.
#include "arena/delay_line.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <optional>

#include "arena/delay_line_core.h"
#include "arena/lab_channel.h"
#include "arena/lab_network.h"
#include "base/time.h"
#include "kernel/child.h"
#include "kernel/netlink.h"
#include "kernel/process.h"
#include "kernel/tun.h"

namespace squall {
namespace {

// Read at most this much before looking at what has become due.
constexpr std::size_t kBatch = 64;
// Packets wait here while we are not scheduled; the default of 500 is 8 ms at 60 000 packets/s.
constexpr std::uint32_t kTunQueue = 10000;

Result<Tun> open_delay_tun() {
  Tun tun = TRY(open_tun(kDelayTun));
  Netlink netlink = TRY(Netlink::open());
  TRY(netlink.set_queue_length(tun.name, kTunQueue));
  TRY(netlink.set_up(tun.name));
  for (const char* everything : {"0.0.0.0/0", "::/0"}) {
    TRY(netlink.put_route(
        {.to = everything, .via = "", .link = tun.name, .table = kDelayTable, .metric = 1}));
  }
  return tun;
}

// Waits for packets, at most until `due`.
Result<> wait_for_work(const Fd& tun, const std::optional<MonoTime>& due) {
  timespec timeout{};
  if (due) {
    const Duration left = std::max(*due - system_clock().mono(), Duration(0));
    const auto seconds = duration_cast<std::chrono::seconds>(left);
    timeout = {.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
  }
  pollfd entry{.fd = tun.get(), .events = POLLIN, .revents = 0};
  if (::ppoll(&entry, 1, due ? &timeout : nullptr, nullptr) >= 0 || errno == EINTR) return {};
  return errno_error("wait for packets");
}

class Worker {
 public:
  Worker(const LabPlan& plan, Tun tun, DelayCounters& counters)
      : regions_(plan), queues_(plan.delay), tun_(std::move(tun)), counters_(counters) {}

  Result<> serve() {
    for (;;) {
      TRY(wait_for_work(tun_.fd, queues_.next_due()));
      TRY(take_in());
      TRY(let_out());
    }
  }

 private:
  Result<> take_in() {
    const MonoTime now = system_clock().mono();
    TRY(read_packets(tun_.fd, kBatch, [&](PacketView packet) {
      const std::optional<RegionPair> pair = regions_.classify(packet);
      if (!pair) return;  // the kernel's own chatter on the device, such as multicast reports
      if (!queues_.push(*pair, packet, now)) ++counters_.dropped;
    }));
    return {};
  }

  Result<> let_out() {
    const MonoTime now = system_clock().mono();
    Result<> outcome;
    queues_.pop_due(now, [&](PacketView packet, MonoTime due) {
      const Result<bool> written = write_packet(tun_.fd, packet);
      if (!written.ok()) {
        outcome = written.error();
      } else if (*written) {
        ++counters_.packets;
        counters_.late_ns += static_cast<std::uint64_t>((now - due).count());
      } else {
        ++counters_.dropped;
      }
    });
    return outcome;
  }

  RegionMap regions_;
  DelayQueues queues_;
  Tun tun_;
  DelayCounters& counters_;
};

[[noreturn]] void run_worker(const LabPlan& plan, const Fd& report, DelayCounters& counters) {
  close_all_except({report.get()});
  (void)::setsid();
  (void)::prctl(PR_SET_NAME, "squall-delay");
  // Timers of ordinary processes may fire 50 us late to save power.
  (void)::prctl(PR_SET_TIMERSLACK, 1UL);
  Result<Tun> tun = open_delay_tun();
  if (!tun.ok()) {
    (void)send_message(report, tun.error().what);  // the exit code says it too
    ::_exit(1);
  }
  (void)send_message(report, "");  // our parent reads it, or has died and takes us with it
  (void)Worker(plan, std::move(*tun), counters).serve();  // returns only when the TUN fails
  ::_exit(1);
}

Result<DelayCounters*> share_counters() {
  void* page = ::mmap(nullptr, sizeof(DelayCounters), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return errno_error("map the delay line's counters");
  return new (page) DelayCounters();
}

}  // namespace

Result<DelayLine> start_delay_line(const LabPlan& plan) {
  DelayCounters* counters = TRY(share_counters());
  auto [reader, writer] = TRY(make_channel());
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork the delay line");
  if (pid == 0) run_worker(plan, writer, *counters);
  writer.reset();
  const std::optional<LabMessage> answer = TRY(receive_message(reader));
  if (!answer) return Error{Errc::kIo, "the delay line died at its start"};
  if (answer->text != " ") return Error{Errc::kUnsupported, answer->text};
  return DelayLine{.pid = pid, .counters = counters};
}

}  // namespace squall
