// One-way probes: datagrams with a nonce, sent by one node's agent and remembered by another's.
// One way, so that each direction of a link is proved by itself.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent/agent_config.h"
#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace squall {

// Nonces longer than this are refused.
inline constexpr std::size_t kMaxNonce = 128;
// The newest so many are remembered.
inline constexpr std::size_t kMaxSeenProbes = 65536;

// Thread-safe.
class ProbeSockets {
 public:
  // Bound to the node's own addresses, in the calling thread's network namespace.
  static Result<std::unique_ptr<ProbeSockets>> open(const NodeAddresses& node, int port);

  [[nodiscard]] std::vector<int> poll_fds() const;
  // Takes everything that waits; for when a descriptor is readable.
  void receive();

  // To a literal address; when it was sent.  Errors are the sender's own: no route, a local rule.
  [[nodiscard]] Result<MonoTime> send(const std::string& nonce, const std::string& address);
  // Those of `nonces` that have come, and when; returns as soon as all have, or after `wait`.
  [[nodiscard]] std::map<std::string, MonoTime> seen(const std::vector<std::string>& nonces,
                                                     Duration wait);
  // Ends all waiting, now and from now on.
  void close();

 private:
  ProbeSockets(Fd ipv4, Fd ipv6, int port)
      : ipv4_(std::move(ipv4)), ipv6_(std::move(ipv6)), port_(port) {}
  void remember(const std::string& nonce, MonoTime at);

  Fd ipv4_;
  Fd ipv6_;
  int port_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_closed_ = false;
  std::map<std::string, MonoTime> seen_;
  std::deque<std::string> order_;  // oldest first
};

}  // namespace squall
