// Blocking sockets.
#include "tests/planted/line_socket.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <thread>
#include <utility>

namespace squall::planted {
namespace {

constexpr int kBacklog = 64;

Result<sockaddr_in> to_sockaddr(const Address& address) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(static_cast<std::uint16_t>(address.port));
  if (::inet_pton(AF_INET, address.ip.c_str(), &made.sin_addr) == 1) return made;
  return Error{Errc::kInvalid, "'" + address.ip + "' is no IPv4 address"};
}

Result<Fd> tcp_socket() {
  Fd made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made.is_open()) return errno_error("make a socket");
  return made;
}

void send_at_once(const Fd& socket) {
  const int on = 1;
  (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void answer_all(LineSocket connection, const Handler& handler) {
  while (const std::optional<std::string> line = connection.receive()) {
    const Reply reply = handler(*line);
    const bool is_sent = connection.send(reply.line);
    if (reply.after) reply.after();
    if (!is_sent) return;
  }
}

}  // namespace

Result<LineSocket> LineSocket::connect(const Address& to) {
  const sockaddr_in address = TRY(to_sockaddr(to));
  Fd socket = TRY(tcp_socket());
  const auto* target = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket.get(), target, sizeof address) != 0) {
    return errno_error("connect to " + to.ip);
  }
  send_at_once(socket);
  return LineSocket(std::move(socket));
}

bool LineSocket::send(const std::string& line) {
  const std::string text = line + "\n";
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t n = ::send(socket_.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

std::optional<std::string> LineSocket::receive(int timeout_ms) {
  for (;;) {
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    pollfd input = {socket_.get(), POLLIN, 0};
    const int ready = ::poll(&input, 1, timeout_ms > 0 ? timeout_ms : -1);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    std::array<char, 4096> chunk{};
    const ssize_t n = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::nullopt;
    buffer_.append(chunk.data(), static_cast<std::size_t>(n));
  }
}

Result<> serve(const Address& at, const Handler& handler) {
  const sockaddr_in address = TRY(to_sockaddr(at));
  const Fd listener = TRY(tcp_socket());
  const int on = 1;
  (void)::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto* own = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(listener.get(), own, sizeof address) != 0) return errno_error("bind " + at.ip);
  if (::listen(listener.get(), kBacklog) != 0) return errno_error("listen on " + at.ip);
  for (;;) {
    Fd accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!accepted.is_open()) continue;  // it was closed before we came
    send_at_once(accepted);
    std::thread(answer_all, LineSocket(std::move(accepted)), handler).detach();
  }
}

}  // namespace squall::planted
