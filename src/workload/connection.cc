// TCP by non-blocking calls and poll.
#include "workload/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "kernel/socket_address.h"
#include "workload/poll_deadline.h"

namespace squall {
namespace {

constexpr std::size_t kReceiveChunk = std::size_t{16} << 10U;

Result<Fd> open_tcp(const SocketAddress& to, int netns) {
  const IpFamily family = family_of(to.ip);
  if (netns < 0) {
    Fd socket(::socket(to_af(family), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) return errno_error("open a socket");
    return socket;
  }
  Fd borrowed(netns);
  Result<Fd> socket = open_socket(borrowed, family, SocketKind::kTcp);
  (void)borrowed.release();  // the caller's
  return socket;
}

Result<> finish_connect(const Fd& socket, MonoTime deadline) {
  (void)TRY(poll_until(socket, POLLOUT, deadline, "connect"));
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
    return errno_error("connect");
  }
  if (error != 0) return errno_error("connect", error);
  return {};
}

}  // namespace

Result<Connection> Connection::open(const SocketAddress& to, MonoTime deadline, int netns) {
  const std::string where = to.ip + ":" + std::to_string(to.port);
  const RawSocketAddress address = TRY(to_raw(to));
  Fd socket = TRY(open_tcp(to, netns).in(where));
  const int on = 1;
  // Small requests go at once; without it the only loss would be latency.
  (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket.get(), address.get(), address.size) != 0) {
    if (errno != EINPROGRESS) return errno_error("connect").in(where);
    (void)TRY(finish_connect(socket, deadline).in(where));
  }
  return Connection(std::move(socket));
}

bool Connection::is_quiet() const {
  return squall::is_quiet(socket_);
}

Result<> Connection::send(std::string_view bytes, MonoTime deadline) {
  while (!bytes.empty()) {
    const MonoTime now = system_clock().mono();
    const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      if (!times_.is_sent()) times_.sent = now;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      (void)TRY(poll_until(socket_, POLLOUT, deadline, "send"));
    } else if (errno != EINTR) {
      return errno_error("send");
    }
  }
  return {};
}

Result<std::size_t> Connection::receive(std::string& into, MonoTime deadline) {
  (void)TRY(poll_until(socket_, POLLIN, deadline, "receive"));
  const std::size_t before = into.size();
  into.resize(before + kReceiveChunk);
  ssize_t count = 0;
  do {
    count = ::recv(socket_.get(), into.data() + before, kReceiveChunk, 0);
  } while (count < 0 && errno == EINTR);
  const Error error = errno_error("receive");
  into.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0) return error;
  if (count > 0 && times_.first_byte == MonoTime{}) times_.first_byte = system_clock().mono();
  return static_cast<std::size_t>(count);
}

}  // namespace squall
