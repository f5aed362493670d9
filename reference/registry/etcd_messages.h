// etcd v3's JSON gateway: bodies of requests, and what answers say.  Pure; keys and values are
// plain text here and base64 on the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "reference/registry/etcd_connection.h"

namespace squall::reference::etcd {

// kSerializable is answered by any member from what it has, however old; kLinearizable by a quorum.
enum class ReadMode { kLinearizable, kSerializable };
[[nodiscard]] Result<ReadMode> read_mode_from_text(std::string_view text);

struct KeyValue {
  std::string key;
  std::string value;
  std::int64_t mod_revision = 0;  // of the store when this value was written

  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

// --- requests ---
[[nodiscard]] EtcdPost range(std::string_view key, ReadMode mode);
[[nodiscard]] EtcdPost range_prefix(std::string_view prefix, ReadMode mode);
[[nodiscard]] EtcdPost put(std::string_view key, std::string_view value, std::int64_t lease = 0);
// Puts if the key was last written at `mod_revision`; 0: if it does not exist.
[[nodiscard]] EtcdPost put_if_unchanged(std::string_view key, std::string_view value,
                                        std::int64_t mod_revision);
[[nodiscard]] EtcdPost grant_lease(Duration time_to_live);  // whole seconds, rounded up
[[nodiscard]] EtcdPost keep_lease(std::int64_t lease);
[[nodiscard]] EtcdPost revoke_lease(std::int64_t lease);
// All changes below `prefix` from `revision` on.  In linearizable mode a member that loses its
// leader ends the watch; in serializable mode it goes silent.
[[nodiscard]] EtcdPost watch_prefix(std::string_view prefix, std::int64_t revision, ReadMode mode);

// --- answers with status 200; errors: it is not what etcd writes ---
struct RangeReply {
  std::int64_t revision = 0;  // of the store
  std::vector<KeyValue> items;
};
[[nodiscard]] Result<RangeReply> read_range(const std::string& body);
// Whether the comparison held.
[[nodiscard]] Result<bool> read_put_if(const std::string& body);
[[nodiscard]] Result<std::int64_t> read_lease(const std::string& body);
// Seconds left; 0: the lease is gone.
[[nodiscard]] Result<std::int64_t> read_keep_lease(const std::string& body);

struct Change {
  std::string key;
  std::optional<std::string> value;  // nothing: deleted
  std::int64_t mod_revision = 0;

  friend bool operator==(const Change&, const Change&) = default;
};

// One message of a watch.
struct WatchMessage {
  std::int64_t revision = 0;  // of the store
  std::vector<Change> changes;
  bool is_cancelled = false;
  std::int64_t compacted = 0;  // > 0: the asked revision is older than what the store still has
  std::string why;             // of the cancellation

  friend bool operator==(const WatchMessage&, const WatchMessage&) = default;
};
[[nodiscard]] Result<WatchMessage> read_watch_line(std::string_view line);

// "etcdserver: no leader", or the status.
[[nodiscard]] std::string error_text(const EtcdReply& reply);

}  // namespace squall::reference::etcd
