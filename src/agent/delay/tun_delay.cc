// Starts, feeds, watches and retires the delay line's process.
#include "agent/delay/tun_delay.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>

#include "agent/delay/line_process.h"
#include "agent/delay/steering.h"
#include "agent/planes/network_transaction.h"
#include "kernel/namespaces.h"
#include "kernel/process.h"
#include "kernel/sockets.h"
#include "kernel/tun.h"
#include "kernel/wait.h"

namespace squall {
namespace {

// Packets wait here while the line is not scheduled: 0.3 s at 100 000 packets/s.  Debian's 6.1
// takes no longer queue (ERANGE).
constexpr std::uint32_t kTunQueue = 32767;
constexpr std::uint32_t kUsualMtu = 1500;
// The answer is a matter of microseconds, so that a line that says nothing for so long hangs.
constexpr Duration kAnswerPatience = std::chrono::seconds(1);
// The seeds of the faults' dice come from their names; which packet gets which is not repeatable.
constexpr std::uint64_t kDiceSeed = 0x5175616c6cULL;

Result<std::vector<PacketAddress>> addresses_of(const DelayRow& row) {
  std::vector<PacketAddress> addresses;
  for (const auto* texts : {&row.ipv4, &row.ipv6}) {
    for (const std::string& text : *texts) addresses.push_back(TRY(parse_packet_address(text)));
  }
  return addresses;
}

struct Pair {
  Fd ours;
  Fd theirs;
};
Result<Pair> make_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return errno_error("make a socket pair");
  }
  return Pair{Fd(ends[0]), Fd(ends[1])};
}

std::string death_text(const ExitStatus& status) {
  const std::string how = status.is_signalled ? "killed by signal " : "exited with code ";
  return "the delay line died: " + how + std::to_string(status.code);
}

// All but the device.
Result<LineEnds> open_ends(const Fd& netns, Fd control) {
  LineEnds ends;
  ends.control = std::move(control);
  ends.raw4 = TRY(open_raw_sender(netns, IpFamily::kV4, kDelayedMark));
  ends.raw6 = TRY(open_raw_sender(netns, IpFamily::kV6, kDelayedMark));
  ends.agent = TRY(open_pidfd(::getpid()));
  return ends;
}

}  // namespace

// The agent's end of a line.
struct TunDelay::Line {
  Line(std::string link_name, DelayBoard* shared) : link(std::move(link_name)), board(shared) {}
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() { unmap_delay_board(board); }

  [[nodiscard]] bool is_silent() const {
    return system_clock().boot() - BootTime{Duration(board->beat)} > kLineSilence;
  }
  // kIo when it has died.
  [[nodiscard]] Result<> look() {
    if (!death.empty()) return Error{Errc::kIo, death};
    const std::optional<ExitStatus> end = TRY(reap(pidfd));
    if (!end) return {};
    death = death_text(*end);
    return Error{Errc::kIo, death};
  }

  std::string link;
  DelayBoard* board;
  Fd pidfd;
  Fd control;
  std::string death;
  std::uint32_t mtu = 0;
  std::map<FaultId, std::size_t> slots;
};

TunDelay::TunDelay(Fd netns) : netns_(std::move(netns)), table_(steering_table(::getpid())) {}
TunDelay::~TunDelay() = default;

std::string TunDelay::residue() const {
  return steering_text(table_);
}

Result<> TunDelay::remove_residue(const std::string& residue) {
  const std::uint32_t table = TRY(parse_steering_text(residue));
  Netlink netlink = TRY(Netlink::open(netns_));
  return remove_steering(netlink, table);
}

Result<std::uint32_t> TunDelay::smallest_mtu(const std::vector<DelayRow>& rows) const {
  std::optional<std::uint32_t> smallest;
  for (const DelayRow& row : rows) {
    for (const auto* texts : {&row.ipv4, &row.ipv6}) {
      for (const std::string& ip : *texts) {
        const Result<std::uint32_t> mtu = path_mtu(netns_, ip);
        if (!mtu.ok()) continue;  // no way there now: nothing will be sent
        smallest = std::min(smallest.value_or(*mtu), *mtu);
      }
    }
  }
  return smallest.value_or(kUsualMtu);
}

Result<> TunDelay::start(const std::vector<DelayRow>& rows) {
  // Whatever fails below takes the device and its routes with it.
  Pair ends_of_control = TRY(make_pair());
  const NetnsScope scope = TRY(NetnsScope::enter(netns_));
  Netlink netlink = TRY(Netlink::open());
  const std::uint32_t mtu = TRY(smallest_mtu(rows));
  Tun tun = TRY(open_tun());
  TRY(netlink.set_queue_length(tun.name, kTunQueue));
  TRY(netlink.set_mtu(tun.name, mtu));
  TRY(netlink.set_up(tun.name));
  TRY(put_steering(netlink, table_, tun.name));
  auto line = std::make_unique<Line>(tun.name, TRY(map_delay_board()));
  line->mtu = mtu;
  line->board->beat = system_clock().boot().ns();
  LineEnds ends = TRY(open_ends(netns_, std::move(ends_of_control.theirs)));
  ends.tun = std::move(tun.fd);
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork the delay line");
  if (pid == 0) run_delay_line(std::move(ends), *line->board);
  line->pidfd = TRY(open_pidfd(pid));
  line->control = std::move(ends_of_control.ours);
  line_ = std::move(line);
  return {};
}

Result<> TunDelay::assign_slots(const std::vector<DelayRow>& rows) {
  if (rows.size() > kMaxDelayFaults) {
    return Error{Errc::kInvalid,
                 "more than " + std::to_string(kMaxDelayFaults) + " delays at once on a node"};
  }
  std::erase_if(line_->slots, [&](const auto& slot) {
    return std::none_of(rows.begin(), rows.end(),
                        [&](const DelayRow& row) { return row.fault == slot.first; });
  });
  std::array<bool, kMaxDelayFaults> is_taken{};
  for (const auto& [fault, slot] : line_->slots) is_taken.at(slot) = true;
  for (const DelayRow& row : rows) {
    const auto free = std::find(is_taken.begin(), is_taken.end(), false);
    const auto slot = static_cast<std::size_t>(free - is_taken.begin());
    const bool is_new = line_->slots.emplace(row.fault, slot).second;
    if (is_new) *free = true;
    line_->board->expiries.at(line_->slots.at(row.fault)) = row.expiry.ns();
  }
  return {};
}

Result<> TunDelay::ask(const std::string& message) {
  const Error hangs{Errc::kIo, "the delay line does not answer"};
  if (::send(line_->control.get(), message.data(), message.size(), MSG_NOSIGNAL) < 0) {
    return errno_error("tell the delay line");
  }
  if (!TRY(wait_readable(line_->control, kAnswerPatience))) return hangs;
  char answer = 0;
  if (::recv(line_->control.get(), &answer, 1, MSG_DONTWAIT) != 1) return hangs;
  if (answer == message[0]) return {};
  return Error{Errc::kIo, "the delay line does not understand"};
}

Result<> TunDelay::set(const std::vector<DelayRow>& rows) {
  look_after_retired();
  if (line_ && !check().ok()) TRY(release());
  if (!line_) TRY(start(rows));
  TRY(assign_slots(rows));
  if (const std::uint32_t mtu = TRY(smallest_mtu(rows)); mtu != line_->mtu) {
    Netlink netlink = TRY(Netlink::open(netns_));
    TRY(netlink.set_mtu(line_->link, mtu));
    line_->mtu = mtu;
  }
  std::vector<TableRow> table;
  for (const DelayRow& row : rows) {
    table.push_back({.slot = line_->slots.at(row.fault),
                     .delay = row.delay,
                     .seed = Rng(kDiceSeed).split(row.fault.get()).next(),
                     .destinations = TRY(addresses_of(row))});
  }
  return ask(std::string(1, kLineRows) + encode_rows(table));
}

void TunDelay::extend(const FaultId& fault, BootTime expiry) {
  if (!line_) return;
  const auto slot = line_->slots.find(fault);
  if (slot != line_->slots.end()) line_->board->expiries.at(slot->second) = expiry.ns();
}

Result<> TunDelay::check() {
  look_after_retired();
  if (!line_) return Error{Errc::kIo, "there is no delay line"};
  TRY(line_->look());
  if (!line_->is_silent()) return {};
  return Error{Errc::kIo, "the delay line hangs"};
}

// One that hangs sends nothing any more; its death takes the device away.
Result<> TunDelay::release() {
  Netlink netlink = TRY(Netlink::open(netns_));
  TRY(remove_steering(netlink, table_));
  if (!line_) return {};
  const bool works = check().ok() && ask(std::string(1, kLineFinish)).ok();
  if (!works && line_->death.empty()) (void)send_signal(line_->pidfd, SIGKILL);
  retired_.push_back(std::move(line_));
  look_after_retired();
  return {};
}

void TunDelay::look_after_retired() {
  std::erase_if(retired_, [](const std::unique_ptr<Line>& line) {
    if (!line->look().ok()) return true;
    if (line->is_silent()) (void)send_signal(line->pidfd, SIGKILL);
    return false;
  });
}

std::map<FaultId, DelaySpec> TunDelay::carried() {
  std::map<FaultId, DelaySpec> carried;
  if (!check().ok()) return carried;
  for (const auto& [fault, slot] : line_->slots) {
    const DelaySpec& spec = line_->board->carried.at(slot);
    if (spec.delay > Duration(0)) carried[fault] = spec;
  }
  return carried;
}

Result<DelayCounters> TunDelay::counters() {
  if (!line_) return Error{Errc::kNotFound, "there is no delay line"};
  Netlink netlink = TRY(Netlink::open(netns_));
  const DelayBoard& board = *line_->board;
  // A device that is gone counts no more; what its line had counted stays.
  const std::uint64_t undelivered = netlink.dropped_packets(line_->link).value_or(0);
  return DelayCounters{.sent = board.sent,
                       .dropped = board.dropped + undelivered,
                       .waiting = board.waiting,
                       .late = Duration(board.late_ns)};
}

Result<> try_tun_delay() {
  const Fd netns = TRY(current_netns());
  // Gone again at the end of this function, before anything was routed to it.
  (void)TRY(open_tun());
  (void)TRY(open_raw_sender(netns, IpFamily::kV4, kDelayedMark));
  return {};
}

}  // namespace squall
