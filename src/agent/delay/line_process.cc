// The delay line's loop.
#include "agent/delay/line_process.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <new>

#include "kernel/child.h"
#include "kernel/packet_queue.h"
#include "kernel/tun.h"

namespace squall {
namespace {

// So many packets are read before looking at what has become due, and sent by one call.
constexpr std::size_t kReadBatch = 128;
constexpr std::size_t kSendBatch = 64;
// A packet that was on its way into the device when steering ended has come by then.
constexpr Duration kLastPackets = std::chrono::milliseconds(50);
// A socket's buffer is full for as long as the wire is busy; longer means that the packet is lost.
constexpr Duration kBufferPatience = std::chrono::milliseconds(10);
constexpr std::size_t kMaxMessage = std::size_t{128} << 10U;
// A little before others, so that timers are exact; not real time, which could starve the stack.
constexpr int kNice = -10;

// Packets of one family that leave by one system call.
class SendBatch {
 public:
  void add(PacketView packet) {
    const std::size_t i = count_++;
    parts_[i] = {.iov_base = const_cast<std::uint8_t*>(packet.data()), .iov_len = packet.size()};
    messages_[i] = {};
    messages_[i].msg_hdr.msg_iov = &parts_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
    messages_[i].msg_hdr.msg_name = &addresses_[i];
    messages_[i].msg_hdr.msg_namelen = address(packet, addresses_[i]);
  }
  // How many were lost.
  std::uint64_t send(const Fd& socket) {
    std::uint64_t lost = 0;
    for (std::size_t next = 0; next < count_;) {
      const int sent = ::sendmmsg(socket.get(), &messages_[next],
                                  static_cast<unsigned>(count_ - next), MSG_DONTWAIT);
      if (sent > 0) {
        next += static_cast<std::size_t>(sent);
      } else if (errno != EINTR && !(errno == EAGAIN && wait_for_room(socket))) {
        ++next;
        ++lost;
      }
    }
    count_ = 0;
    return lost;
  }

 private:
  static bool wait_for_room(const Fd& socket) {
    const timespec patience{.tv_sec = 0, .tv_nsec = kBufferPatience.count()};
    pollfd entry{.fd = socket.get(), .events = POLLOUT, .revents = 0};
    return ::ppoll(&entry, 1, &patience, nullptr) > 0;
  }
  static socklen_t address(PacketView packet, sockaddr_storage& into) {
    if (packet[0] >> 4U == 4) {
      sockaddr_in v4{};
      v4.sin_family = AF_INET;
      std::memcpy(&v4.sin_addr, packet.data() + 16, sizeof v4.sin_addr);
      std::memcpy(&into, &v4, sizeof v4);
      return sizeof v4;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, packet.data() + 24, sizeof v6.sin6_addr);
    std::memcpy(&into, &v6, sizeof v6);
    return sizeof v6;
  }

  std::array<mmsghdr, kSendBatch> messages_{};
  std::array<iovec, kSendBatch> parts_{};
  std::array<sockaddr_storage, kSendBatch> addresses_{};
  std::size_t count_ = 0;
};

class Line {
 public:
  Line(LineEnds ends, DelayBoard& board) : ends_(std::move(ends)), board_(board) {}

  // Returns when it has finished, or when the device or the agent's end is broken.
  Result<> serve() {
    for (;;) {
      board_.beat = system_clock().boot().ns();
      const bool has_packets = TRY(wait_for_work());
      if (has_packets) TRY(take_in());
      let_out();
      board_.waiting = queue_.size();
      if (is_finishing_ && !has_packets && queue_.is_empty()) return {};
    }
  }

 private:
  // Whether the device has packets.
  Result<bool> wait_for_work() {
    const MonoTime now = system_clock().mono();
    MonoTime until = now + (is_finishing_ && queue_.is_empty() ? kLastPackets : kLineBeat);
    if (const auto due = queue_.next_due()) until = std::min(until, *due);
    std::array<pollfd, 3> inputs = {{{ends_.tun.get(), POLLIN, 0},
                                     {is_finishing_ ? -1 : ends_.control.get(), POLLIN, 0},
                                     {is_finishing_ ? -1 : ends_.agent.get(), POLLIN, 0}}};
    const Duration left = std::max(until - now, Duration(0));
    const auto seconds = duration_cast<std::chrono::seconds>(left);
    const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    if (::ppoll(inputs.data(), inputs.size(), &timeout, nullptr) < 0) {
      if (errno == EINTR) return false;
      return errno_error("wait for packets");
    }
    if (inputs[2].revents != 0) is_finishing_ = true;
    if (inputs[1].revents != 0) listen();
    return inputs[0].revents != 0;
  }

  void listen() {
    std::string message(kMaxMessage, '\0');
    const ssize_t size = ::recv(ends_.control.get(), message.data(), message.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) {  // hung up
      is_finishing_ = true;
      return;
    }
    message.resize(static_cast<std::size_t>(size));
    char answer = message[0];
    if (answer == kLineFinish) is_finishing_ = true;
    if (answer == kLineRows && !set_rows(std::string_view(message).substr(1))) answer = '!';
    (void)::send(ends_.control.get(), &answer, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  bool set_rows(std::string_view bytes) {
    const Result<std::vector<TableRow>> rows = decode_rows(bytes);
    if (!rows.ok()) return false;
    table_.set(*rows);
    board_.carried = {};
    for (const TableRow& row : *rows) board_.carried.at(row.slot) = row.delay;
    return true;
  }

  Result<> take_in() {
    const BootTime boot = system_clock().boot();
    DelayTable::Expiries expiries;
    for (std::size_t i = 0; i < expiries.size(); ++i) expiries[i] = {Duration(board_.expiries[i])};
    (void)TRY(read_packets(ends_.tun, kReadBatch, [&](PacketView packet) {
      const std::optional<PacketAddress> destination = destination_of(packet);
      if (!destination) return;  // the kernel's own chatter on the device
      const Duration delay = table_.draw(*destination, expiries, boot);
      if (!queue_.push(packet, system_clock().mono() + delay)) ++board_.dropped;
    }));
    return {};
  }

  void let_out() {
    for (bool has_more = true; has_more;) {
      const MonoTime now = system_clock().mono();
      std::size_t count = 0;
      Duration late{0};
      for (; count < kSendBatch && !queue_.is_empty(); ++count) {
        const PacketQueue::First first = queue_.first();
        if (first.due > now) break;
        late += now - first.due;
        (first.packet[0] >> 4U == 4 ? batch4_ : batch6_).add(first.packet);
        queue_.pop();
      }
      const std::uint64_t lost = batch4_.send(ends_.raw4) + batch6_.send(ends_.raw6);
      board_.dropped += lost;
      board_.sent += count - lost;
      board_.late_ns += late.count();
      has_more = count == kSendBatch;
    }
  }

  LineEnds ends_;
  DelayBoard& board_;
  DelayTable table_;
  PacketQueue queue_{kMaxWaitingBytes};
  SendBatch batch4_;
  SendBatch batch6_;
  bool is_finishing_ = false;
};

}  // namespace

Result<DelayBoard*> map_delay_board() {
  void* page = ::mmap(nullptr, sizeof(DelayBoard), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return errno_error("map the delay line's page");
  return new (page) DelayBoard();
}

void unmap_delay_board(DelayBoard* board) {
  if (board != nullptr) (void)::munmap(board, sizeof *board);
}

void run_delay_line(LineEnds ends, DelayBoard& board) {
  close_all_except(
      {ends.tun.get(), ends.raw4.get(), ends.raw6.get(), ends.control.get(), ends.agent.get()});
  (void)::setsid();
  // A service manager stops the whole service at once; we go when the agent has gone.
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP}) {
    (void)::signal(signal, SIG_IGN);
  }
  (void)::prctl(PR_SET_NAME, "squall-delay");
  // Timers of ordinary processes may fire 50 us late to save power.
  (void)::prctl(PR_SET_TIMERSLACK, 1UL);
  (void)::setpriority(PRIO_PROCESS, 0, kNice);  // where it is refused, everything still works
  const Result<> served = Line(std::move(ends), board).serve();
  ::_exit(served.ok() ? 0 : 1);
}

}  // namespace squall
