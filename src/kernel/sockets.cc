// Sockets made inside a NetnsScope.
#include "kernel/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

#include "kernel/namespaces.h"
#include "kernel/socket_address.h"

namespace squall {
namespace {

Result<Fd> make_socket(const Fd& netns, int family, int type, int protocol,
                       const std::string& attempt) {
  const NetnsScope scope = TRY(NetnsScope::enter(netns).in(attempt));
  Fd fd(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  if (!fd.is_open()) return errno_error(attempt);
  return fd;
}

Result<> set_option(const Fd& fd, int level, int name, int value, const std::string& attempt) {
  if (::setsockopt(fd.get(), level, name, &value, sizeof value) == 0) return {};
  return errno_error(attempt);
}

}  // namespace

Result<RawSocketAddress> to_raw(const SocketAddress& address) {
  RawSocketAddress raw;
  if (family_of(address.ip) == IpFamily::kV4) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&raw.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    raw.size = sizeof *v4;
    if (::inet_pton(AF_INET, address.ip.c_str(), &v4->sin_addr) == 1) return raw;
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&raw.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    raw.size = sizeof *v6;
    if (::inet_pton(AF_INET6, address.ip.c_str(), &v6->sin6_addr) == 1) return raw;
  }
  return Error{Errc::kInvalid, "'" + address.ip + "' is not an IP address"};
}

SocketAddress from_raw(const RawSocketAddress& raw) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (raw.storage.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&raw.storage);
    (void)::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    return {.ip = text.data(), .port = ntohs(v6->sin6_port)};
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&raw.storage);
  (void)::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
  return {.ip = text.data(), .port = ntohs(v4->sin_port)};
}

Result<Fd> open_socket(const Fd& netns, IpFamily family, SocketKind kind) {
  const int type = kind == SocketKind::kTcp ? SOCK_STREAM : SOCK_DGRAM;
  return make_socket(netns, to_af(family), type, 0, "open a socket");
}

Result<Fd> open_raw_sender(const Fd& netns, IpFamily family, std::uint32_t mark) {
  const std::string attempt = "open a raw socket";
  // IPPROTO_RAW receives nothing and takes packets with their header.
  Fd fd = TRY(make_socket(netns, to_af(family), SOCK_RAW, IPPROTO_RAW, attempt));
  if (family == IpFamily::kV4) {
    TRY(set_option(fd, IPPROTO_IP, IP_HDRINCL, 1, attempt));
  } else {
    TRY(set_option(fd, IPPROTO_IPV6, IPV6_HDRINCL, 1, attempt));
  }
  TRY(set_option(fd, SOL_SOCKET, SO_MARK, static_cast<int>(mark), "mark packets of a raw socket"));
  return fd;
}

Result<> bind_socket(const Fd& socket, const SocketAddress& address) {
  const RawSocketAddress raw = TRY(to_raw(address));
  if (::bind(socket.get(), raw.get(), raw.size) == 0) return {};
  return errno_error("bind to " + address.ip + " port " + std::to_string(address.port));
}

Result<SocketAddress> bound_address(const Fd& socket) {
  RawSocketAddress raw;
  if (::getsockname(socket.get(), raw.get(), &raw.size) != 0) {
    return errno_error("read a socket's address");
  }
  return from_raw(raw);
}

// A datagram socket that is connected has chosen its route, and nothing was sent.
Result<std::uint32_t> path_mtu(const Fd& netns, const std::string& ip) {
  const IpFamily family = family_of(ip);
  const std::string attempt = "find the way to " + ip;
  const Fd socket = TRY(open_socket(netns, family, SocketKind::kUdp));
  const RawSocketAddress raw = TRY(to_raw({.ip = ip, .port = 9}));
  if (::connect(socket.get(), raw.get(), raw.size) != 0) return errno_error(attempt);
  const bool is_v4 = family == IpFamily::kV4;
  int mtu = 0;
  socklen_t size = sizeof mtu;
  if (::getsockopt(socket.get(), is_v4 ? IPPROTO_IP : IPPROTO_IPV6, is_v4 ? IP_MTU : IPV6_MTU, &mtu,
                   &size) != 0) {
    return errno_error(attempt);
  }
  return static_cast<std::uint32_t>(mtu);
}

}  // namespace squall
