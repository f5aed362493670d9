// One member after the other.
#include "reference/registry/etcd_client.h"

namespace squall::reference {
namespace {

constexpr int kOk = 200;
constexpr int kServerError = 500;

}  // namespace

EtcdClient::EtcdClient(const std::vector<Endpoint>& endpoints) {
  CHECK(!endpoints.empty());
  for (const Endpoint& endpoint : endpoints) {
    members_.push_back({endpoint, std::make_unique<EtcdConnection>(endpoint)});
  }
}

void EtcdClient::cancel() {
  is_cancelled_ = true;
  for (const Member& member : members_) member.connection->cancel();
}

// The gateway maps most of etcd's refusals to 5xx (a member without a leader: 503), so another
// member is asked then too; what all members would refuse (4xx) is final.
Result<std::string> EtcdClient::call(const EtcdPost& post, MonoTime deadline) {
  Error last{Errc::kTimeout, "etcd: no time left"};
  for (std::size_t left = members_.size(); left > 0 && !is_cancelled_; --left) {
    const MonoTime now = system_clock().mono();
    const Duration share = (deadline - now) / static_cast<std::int64_t>(left);
    if (share <= Duration(0)) break;
    const Member& member = members_[current_];
    Result<EtcdReply> reply = member.connection->exchange(post, now + share);
    if (reply.ok() && reply->status == kOk) return std::move(reply->body);
    if (reply.ok()) {
      last = {Errc::kIo, "etcd " + to_text(member.endpoint) + ": " + etcd::error_text(*reply)};
      if (reply->status < kServerError) return last;
    } else {
      last = std::move(reply).error();
    }
    leave();
  }
  return last;
}

Result<etcd::RangeReply> EtcdClient::read(std::string_view key, etcd::ReadMode mode,
                                          MonoTime deadline) {
  return etcd::read_range(TRY(call(etcd::range(key, mode), deadline)));
}

Result<etcd::RangeReply> EtcdClient::read_prefix(std::string_view prefix, etcd::ReadMode mode,
                                                 MonoTime deadline) {
  return etcd::read_range(TRY(call(etcd::range_prefix(prefix, mode), deadline)));
}

Result<> EtcdClient::put(const etcd::KeyValue& item, std::int64_t lease, MonoTime deadline) {
  (void)TRY(call(etcd::put(item.key, item.value, lease), deadline));
  return {};
}

Result<bool> EtcdClient::put_if_unchanged(const etcd::KeyValue& item, MonoTime deadline) {
  return etcd::read_put_if(
      TRY(call(etcd::put_if_unchanged(item.key, item.value, item.mod_revision), deadline)));
}

Result<std::int64_t> EtcdClient::grant_lease(Duration time_to_live, MonoTime deadline) {
  return etcd::read_lease(TRY(call(etcd::grant_lease(time_to_live), deadline)));
}

Result<std::int64_t> EtcdClient::keep_lease(std::int64_t lease, MonoTime deadline) {
  return etcd::read_keep_lease(TRY(call(etcd::keep_lease(lease), deadline)));
}

Result<> EtcdClient::revoke_lease(std::int64_t lease, MonoTime deadline) {
  (void)TRY(call(etcd::revoke_lease(lease), deadline));
  return {};
}

}  // namespace squall::reference
