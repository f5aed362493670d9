// etcd v3 through its JSON gateway: bodies of requests, what answers say, and the error table.
// Pure; keys and values are plain text here and base64 on the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "workload/http.h"
#include "workload/workload_process.h"

namespace squall::etcd {

enum class ReadMode { kLinearizable, kSerializable };

[[nodiscard]] HttpRequest range(std::string_view key, ReadMode mode);
[[nodiscard]] HttpRequest put(std::string_view key, std::string_view value);
// Puts `to` if the key holds `from`.
[[nodiscard]] HttpRequest put_if_value(std::string_view key, std::string_view from,
                                       std::string_view to);
// Puts the key under the lease if it does not exist.
[[nodiscard]] HttpRequest put_if_absent(std::string_view key, std::string_view value,
                                        std::int64_t lease);
// Puts if `guard` is still the very key that was created at `revision`.
[[nodiscard]] HttpRequest put_if_created(std::string_view guard, std::int64_t revision,
                                         std::string_view key, std::string_view value);
[[nodiscard]] HttpRequest delete_if_created(std::string_view key, std::int64_t revision);
[[nodiscard]] HttpRequest grant_lease(std::int64_t seconds);
[[nodiscard]] HttpRequest keep_lease(std::int64_t lease);
[[nodiscard]] HttpRequest revoke_lease(std::int64_t lease);

// What an answer with status 200 says.  Errors: it is not what etcd writes.
[[nodiscard]] Result<std::optional<std::string>> read_value(const std::string& body);  // of a range
struct TxnAnswer {
  bool is_done = false;       // the comparison held
  std::int64_t revision = 0;  // of the store after it: the create revision of a key made by it
};
[[nodiscard]] Result<TxnAnswer> read_txn(const std::string& body);
[[nodiscard]] Result<std::int64_t> read_lease(const std::string& body);
// Seconds left; 0: the lease is gone.
[[nodiscard]] Result<std::int64_t> read_keep_lease(const std::string& body);

// The error table for answers with another status (docs/clients.md).
[[nodiscard]] Answer error_answer(const HttpAnswer& answer, HasEffect effect);

}  // namespace squall::etcd
