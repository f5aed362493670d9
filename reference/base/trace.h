// W3C trace context: https://www.w3.org/TR/trace-context/, version 00.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/rng.h"

namespace squall::reference {

struct TraceContext {
  std::string trace_id;  // 32 lower-case hex digits, not all zero
  std::string span_id;   // 16, not all zero: "parent-id" in a header that we got
  std::uint8_t flags = 0;

  [[nodiscard]] bool is_sampled() const { return (flags & 1U) != 0; }
};

// Nothing where the header must be ignored: wrong lengths, upper case, zero ids, version ff.  A
// later version is read as far as version 00 goes.
[[nodiscard]] std::optional<TraceContext> parse_traceparent(std::string_view header);
// "00-<trace>-<span>-<flags>".
[[nodiscard]] std::string to_header(const TraceContext& context);

// A new span of the same trace.
[[nodiscard]] TraceContext child_of(const TraceContext& parent, Rng& rng);
// A trace of its own, sampled.
[[nodiscard]] TraceContext new_trace(Rng& rng);
// The child of the caller's span, or a new trace where the header is missing or bad.
[[nodiscard]] TraceContext continue_trace(std::string_view header, Rng& rng);

// From the kernel: ids of two processes must differ.
[[nodiscard]] std::uint64_t seed_from_kernel();

}  // namespace squall::reference
