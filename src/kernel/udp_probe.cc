// UDP echo: the plainest way to ask whether packets pass.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "kernel/socket_address.h"
#include "kernel/sockets.h"
#include "kernel/wait.h"

namespace squall {
namespace {

// What a socket reports about earlier datagrams or about the path: the datagram is lost, no more.
bool is_loss(int error) {
  constexpr std::array kLosses = {EPERM,   ENETUNREACH, EHOSTUNREACH, ECONNREFUSED,
                                  ENOBUFS, EAGAIN,      ENETDOWN,     EHOSTDOWN,
                                  EPROTO,  ENOPROTOOPT, EACCES};
  return std::find(kLosses.begin(), kLosses.end(), error) != kLosses.end();
}

// The number of an answer, or 0 when none waits.
Result<std::uint64_t> receive_number(const Fd& fd) {
  for (;;) {
    std::uint64_t number = 0;
    const ssize_t count = ::recv(fd.get(), &number, sizeof number, MSG_DONTWAIT);
    if (count == sizeof number) return number;
    if (count < 0 && errno == EAGAIN) return std::uint64_t{0};
    if (count < 0 && errno != EINTR && !is_loss(errno)) return errno_error("receive an echo");
  }
}

}  // namespace

Result<UdpEcho> UdpEcho::open(const Fd& netns, const SocketAddress& address) {
  Fd fd = TRY(open_socket(netns, family_of(address.ip), SocketKind::kUdp));
  TRY(bind_socket(fd, address));
  SocketAddress bound = TRY(bound_address(fd));
  return UdpEcho(std::move(fd), std::move(bound));
}

Result<std::size_t> UdpEcho::answer() {
  std::array<char, 2048> buffer{};
  for (std::size_t answered = 0;;) {
    RawSocketAddress peer;
    const ssize_t count =
        ::recvfrom(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT, peer.get(), &peer.size);
    if (count < 0 && errno == EAGAIN) return answered;
    if (count < 0 && (errno == EINTR || is_loss(errno))) continue;
    if (count < 0) return errno_error("receive a probe");
    const auto size = static_cast<std::size_t>(count);
    if (::sendto(fd_.get(), buffer.data(), size, MSG_DONTWAIT, peer.get(), peer.size) >= 0) {
      ++answered;
    } else if (!is_loss(errno)) {
      return errno_error("answer a probe");
    }
  }
}

Result<UdpProbe> UdpProbe::open(const Fd& netns, const SocketAddress& echo) {
  Fd fd = TRY(open_socket(netns, family_of(echo.ip), SocketKind::kUdp));
  const RawSocketAddress raw = TRY(to_raw(echo));
  if (::connect(fd.get(), raw.get(), raw.size) != 0) {
    return errno_error("probe " + echo.ip + " port " + std::to_string(echo.port));
  }
  return UdpProbe(std::move(fd));
}

Result<std::uint64_t> UdpProbe::send() {
  const std::uint64_t number = ++sent_;
  const ssize_t count = ::send(fd_.get(), &number, sizeof number, MSG_DONTWAIT);
  if (count < 0 && !is_loss(errno)) return errno_error("send a probe");
  return number;
}

Result<bool> UdpProbe::wait_for(std::uint64_t number, Duration timeout) {
  const MonoTime until = system_clock().mono() + timeout;
  for (;;) {
    const std::uint64_t answer = TRY(receive_number(fd_));
    if (answer == number) return true;
    if (answer != 0) continue;
    const Duration left = until - system_clock().mono();
    const bool is_ready = left > Duration(0) && TRY(wait_readable(fd_, left));
    if (!is_ready) return false;
  }
}

}  // namespace squall
