// Probe datagrams over UDP.
#include "agent/probe_sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "kernel/ip_family.h"

namespace squall {
namespace {

constexpr std::string_view kPrefix = "squall-probe ";
// A datagram that seems to have waited longer tells that somebody has set the wall clock.
constexpr Duration kMaxAgo = std::chrono::seconds(1);

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<Address> to_address(const std::string& ip, int port) {
  Address address;
  const std::uint16_t network_port = htons(static_cast<std::uint16_t>(port));
  int parsed = 0;
  if (family_of(ip) == IpFamily::kV4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = network_port;
    parsed = ::inet_pton(AF_INET, ip.c_str(), &v4.sin_addr);
    std::memcpy(&address.storage, &v4, sizeof v4);
    address.size = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = network_port;
    parsed = ::inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr);
    std::memcpy(&address.storage, &v6, sizeof v6);
    address.size = sizeof v6;
  }
  if (parsed == 1) return address;
  return Error{Errc::kInvalid, "'" + ip + "' is not a literal IP address"};
}

Result<Fd> open_bound(const std::string& ip, int port) {
  if (ip.empty()) return Fd();
  const Address address = TRY(to_address(ip, port));
  Fd fd(::socket(to_af(family_of(ip)), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return errno_error("open a probe socket");
  // Without it, a busy agent would find every link slow.
  const int on = 1;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0) {
    return errno_error("ask for times of arrival");
  }
  if (::bind(fd.get(), address.get(), address.size) != 0) {
    return errno_error("bind the probe socket to " + ip + " port " + std::to_string(port));
  }
  return fd;
}

// When the kernel had the datagram.  It says so on the wall clock; how long ago that is holds for
// both clocks.
MonoTime arrival(msghdr& header) {
  const MonoTime now = system_clock().mono();
  for (cmsghdr* row = CMSG_FIRSTHDR(&header); row != nullptr; row = CMSG_NXTHDR(&header, row)) {
    if (row->cmsg_level != SOL_SOCKET || row->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(row), sizeof stamp);
    const WallTime then{std::chrono::seconds(stamp.tv_sec) + Duration(stamp.tv_nsec)};
    const Duration ago = system_clock().wall() - then;
    return now - std::clamp(ago, Duration(0), kMaxAgo);
  }
  return now;
}

}  // namespace

Result<std::unique_ptr<ProbeSockets>> ProbeSockets::open(const NodeAddresses& node, int port) {
  Fd ipv4 = TRY(open_bound(node.ipv4, port));
  Fd ipv6 = TRY(open_bound(node.ipv6, port));
  return std::unique_ptr<ProbeSockets>(new ProbeSockets(std::move(ipv4), std::move(ipv6), port));
}

std::vector<int> ProbeSockets::poll_fds() const {
  std::vector<int> fds;
  for (const Fd* fd : {&ipv4_, &ipv6_}) {
    if (fd->is_open()) fds.push_back(fd->get());
  }
  return fds;
}

void ProbeSockets::receive() {
  std::array<char, kPrefix.size() + kMaxNonce> buffer{};
  alignas(cmsghdr) std::array<char, 64> control{};
  for (const int fd : poll_fds()) {
    for (;;) {
      iovec part{.iov_base = buffer.data(), .iov_len = buffer.size()};
      msghdr header{};
      header.msg_iov = &part;
      header.msg_iovlen = 1;
      header.msg_control = control.data();
      header.msg_controllen = control.size();
      const ssize_t count = ::recvmsg(fd, &header, 0);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno != ECONNREFUSED) break;  // nothing waits
      if (count < 0) continue;  // an answer to a probe of ours to a node without an agent
      const std::string_view text(buffer.data(), static_cast<std::size_t>(count));
      if (!text.starts_with(kPrefix)) continue;
      remember(std::string(text.substr(kPrefix.size())), arrival(header));
    }
  }
}

void ProbeSockets::remember(const std::string& nonce, MonoTime at) {
  const std::lock_guard lock(mutex_);
  if (!seen_.emplace(nonce, at).second) return;
  order_.push_back(nonce);
  if (order_.size() > kMaxSeenProbes) {
    seen_.erase(order_.front());
    order_.pop_front();
  }
  changed_.notify_all();
}

Result<MonoTime> ProbeSockets::send(const std::string& nonce, const std::string& address) {
  if (nonce.empty() || nonce.size() > kMaxNonce) {
    return Error{Errc::kInvalid, "a nonce has 1 to " + std::to_string(kMaxNonce) + " bytes"};
  }
  const Address to = TRY(to_address(address, port_));
  const Fd& fd = family_of(address) == IpFamily::kV4 ? ipv4_ : ipv6_;
  if (!fd.is_open()) return Error{Errc::kIo, "this node has no address of that family"};
  const std::string datagram = std::string(kPrefix) + nonce;
  for (;;) {
    const MonoTime now = system_clock().mono();
    const ssize_t sent =
        ::sendto(fd.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL, to.get(), to.size);
    if (sent >= 0) return now;
    // The refusal is of an earlier datagram, which its receiver had no socket for.
    if (errno != EINTR && errno != ECONNREFUSED) return errno_error("send to " + address);
  }
}

void ProbeSockets::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  changed_.notify_all();
}

std::map<std::string, MonoTime> ProbeSockets::seen(const std::vector<std::string>& nonces,
                                                   Duration wait) {
  std::unique_lock lock(mutex_);
  const auto is_seen = [this](const std::string& nonce) { return seen_.contains(nonce); };
  (void)changed_.wait_for(
      lock, wait, [&] { return is_closed_ || std::all_of(nonces.begin(), nonces.end(), is_seen); });
  std::map<std::string, MonoTime> result;
  for (const std::string& nonce : nonces) {
    const auto found = seen_.find(nonce);
    if (found != seen_.end()) result.insert(*found);
  }
  return result;
}

}  // namespace squall
