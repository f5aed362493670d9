// Runs an event loop in a test until what it waits for has happened.
#pragma once

#include <functional>
#include <string>

#include "reference/base/http_client.h"
#include "reference/base/loop.h"

namespace squall::reference {

// Runs the loop until stop() is called by the work under test, and fails the test after kTestLimit.
void run_until_stopped(Loop& loop);
inline constexpr Duration kTestLimit = std::chrono::seconds(20);

// One exchange with a server on the same loop, from outside the loop.
[[nodiscard]] HttpOutcome exchange(Loop& loop, HttpClient& client, std::uint16_t port,
                                   const HttpRequest& request,
                                   Duration timeout = std::chrono::seconds(10));

// Sends these bytes over a connection of its own, then `more` once something came back, and reads
// until the server closes it.
[[nodiscard]] std::string exchange_bytes(Loop& loop, std::uint16_t port, const std::string& bytes,
                                         const std::string& more = "");

}  // namespace squall::reference
