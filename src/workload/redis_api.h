// What answers of Redis and its Sentinels say, and the error table.  Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "workload/resp.h"
#include "workload/workload_process.h"

namespace squall::redis {

// An error answer to a command with an effect.
[[nodiscard]] Answer error_answer(const std::string& error);
// The server is not the primary (any more), or not yet able to serve: ask again who is.
[[nodiscard]] bool is_misdirected(const std::string& error);
// The answer to SENTINEL get-master-addr-by-name.
[[nodiscard]] Result<SocketAddress> read_primary(const RespValue& answer);
// The answer to ROLE.
[[nodiscard]] bool is_primary(const RespValue& answer);
// The answer to SMEMBERS as a JSON list: integers in order, then other members as text.
[[nodiscard]] Result<std::string> read_members(const RespValue& answer);
// The address that most of them name, and more than half of `voters`.
[[nodiscard]] std::optional<SocketAddress> elect(const std::vector<SocketAddress>& votes,
                                                 std::size_t voters);

}  // namespace squall::redis
