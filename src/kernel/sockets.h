// Sockets in a network namespace of choice, and UDP echo probes over them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"
#include "kernel/ip_family.h"

namespace squall {

enum class SocketKind { kTcp, kUdp };

// A non-blocking, close-on-exec socket that belongs to `netns` for ever.  The calling thread is in
// that namespace only for the length of the call.
[[nodiscard]] Result<Fd> open_socket(const Fd& netns, IpFamily family, SocketKind kind);
// Sends whole IP packets, header included (IP_HDRINCL); every packet carries `mark` so that our own
// rules can let it pass.  Needs CAP_NET_RAW and CAP_NET_ADMIN in the namespace.
[[nodiscard]] Result<Fd> open_raw_sender(const Fd& netns, IpFamily family, std::uint32_t mark);

struct SocketAddress {
  std::string ip = {};  // "198.18.0.2" or "fd00::2"
  std::uint16_t port = 0;
  friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
};
[[nodiscard]] Result<> bind_socket(const Fd& socket, const SocketAddress& address);
[[nodiscard]] Result<SocketAddress> bound_address(const Fd& socket);

// The largest packet that goes to `ip` in one piece, by the routes of `netns`.
[[nodiscard]] Result<std::uint32_t> path_mtu(const Fd& netns, const std::string& ip);

// Answers datagrams with themselves.  Single-threaded: its owner calls answer() when fd() is
// readable.
class UdpEcho {
 public:
  // On the given address; port 0 lets the kernel choose.
  static Result<UdpEcho> open(const Fd& netns, const SocketAddress& address);
  // Answers everything that waits; how many.
  [[nodiscard]] Result<std::size_t> answer();
  [[nodiscard]] const Fd& fd() const { return fd_; }
  [[nodiscard]] const SocketAddress& address() const { return address_; }

 private:
  UdpEcho(Fd fd, SocketAddress address) : fd_(std::move(fd)), address_(std::move(address)) {}
  Fd fd_;
  SocketAddress address_;
};

// Sends numbered datagrams to one echo and recognises their answers.
class UdpProbe {
 public:
  static Result<UdpProbe> open(const Fd& netns, const SocketAddress& echo);
  // The number sent.  A send refused by a local rule (EPERM) or for want of a route is not an error
  // here: the answer simply never comes.
  [[nodiscard]] Result<std::uint64_t> send();
  // Whether an answer to `number` has come by the time `timeout` passed.  Older answers are
  // dropped.
  [[nodiscard]] Result<bool> wait_for(std::uint64_t number, Duration timeout);
  [[nodiscard]] const Fd& fd() const { return fd_; }

 private:
  explicit UdpProbe(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  std::uint64_t sent_ = 0;
};

}  // namespace squall
