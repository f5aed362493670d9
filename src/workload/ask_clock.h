// What time of day a process of the stack says it is.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "scenarios/topology.h"

namespace squall {

// How a process tells the time, as far as its topology entry shows: the `Date` header of the URL
// that says it is ready (RFC 9110, whole seconds), or TIME for a redis-server that is ready by TCP.
struct ToldClock {
  std::string what;  // "Date header", "TIME"
  std::string http;  // the URL, or ""
  std::string tcp;   // "IP:PORT", or ""
};
// Nothing: it has no way that we know.  Placeholders stay in the texts.
[[nodiscard]] std::optional<ToldClock> told_clock(const ProcessSpec& process);

// How far its clock is ahead of ours, by its own word; to about a second, since a header is cut to
// whole ones.  `clock` has no placeholders any more.  The socket is opened in `netns_fd` as for
// ask_leader().  Errors: it did not answer, or without a time.
[[nodiscard]] Result<Duration> ask_clock(const ToldClock& clock, int netns_fd, Duration timeout);

// "Tue, 24 Nov 2026 04:50:17 GMT" as the time since 1970; kInvalid for anything else.
[[nodiscard]] Result<Duration> parse_http_date(const std::string& text);

}  // namespace squall
