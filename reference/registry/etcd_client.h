// An etcd cluster for a thread that may wait: every call is tried on one member after the other.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "reference/registry/etcd_messages.h"

namespace squall::reference {

// One owner; only cancel() may be called from another thread.  A member that does not answer has
// its share of the time left only, and the next call starts at the member that answered last.
class EtcdClient {
 public:
  explicit EtcdClient(const std::vector<Endpoint>& endpoints);  // at least one

  [[nodiscard]] Result<etcd::RangeReply> read(std::string_view key, etcd::ReadMode mode,
                                              MonoTime deadline);
  [[nodiscard]] Result<etcd::RangeReply> read_prefix(std::string_view prefix, etcd::ReadMode mode,
                                                     MonoTime deadline);
  [[nodiscard]] Result<> put(const etcd::KeyValue& item, std::int64_t lease, MonoTime deadline);
  // Whether `item` was written because the key was last written at item.mod_revision (0: because it
  // did not exist).  False may also mean that an attempt of this very call succeeded and its answer
  // was lost: read before you believe it.
  [[nodiscard]] Result<bool> put_if_unchanged(const etcd::KeyValue& item, MonoTime deadline);
  [[nodiscard]] Result<std::int64_t> grant_lease(Duration time_to_live, MonoTime deadline);
  // Seconds left; 0: the lease is gone.
  [[nodiscard]] Result<std::int64_t> keep_lease(std::int64_t lease, MonoTime deadline);
  [[nodiscard]] Result<> revoke_lease(std::int64_t lease, MonoTime deadline);

  // The member that answered last, or that comes next.
  [[nodiscard]] const Endpoint& current() const { return members_[current_].endpoint; }
  // Starts the next call at another member.
  void leave() { current_ = (current_ + 1) % members_.size(); }

  // Ends a wait of the owner with kAborted, and all later ones.  Thread-safe.
  void cancel();

 private:
  struct Member {
    Endpoint endpoint;
    std::unique_ptr<EtcdConnection> connection;
  };
  [[nodiscard]] Result<std::string> call(const EtcdPost& post, MonoTime deadline);

  std::vector<Member> members_;
  std::size_t current_ = 0;
  std::atomic<bool> is_cancelled_{false};
};

}  // namespace squall::reference
