// Trace ids are read strictly and drawn from the caller's Rng.
#include "reference/base/trace.h"

#include <sys/random.h>

#include <algorithm>

#include "base/check.h"

namespace squall::reference {
namespace {

constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kSpanDigits = 16;
constexpr std::size_t kLength = 2 + 1 + kTraceDigits + 1 + kSpanDigits + 1 + 2;

int digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  return -1;
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char letter) { return digit(letter) >= 0; });
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

std::string hex(std::uint64_t number) {
  std::string text(kSpanDigits, '0');
  for (std::size_t at = kSpanDigits; at-- > 0; number >>= 4U) {
    text[at] = "0123456789abcdef"[number & 0xfU];
  }
  return text;
}

std::string draw_span(Rng& rng) {
  std::uint64_t number = 0;
  while (number == 0) number = rng.next();
  return hex(number);
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view header) {
  if (header.size() < kLength) return std::nullopt;
  const std::string_view version = header.substr(0, 2);
  const std::string_view trace = header.substr(3, kTraceDigits);
  const std::string_view span = header.substr(4 + kTraceDigits, kSpanDigits);
  const std::string_view flags = header.substr(kLength - 2, 2);
  const bool has_dashes =
      header[2] == '-' && header[3 + kTraceDigits] == '-' && header[kLength - 3] == '-';
  if (!has_dashes || !is_hex(version) || !is_hex(trace) || !is_hex(span) || !is_hex(flags)) {
    return std::nullopt;
  }
  if (version == "ff" || is_zero(trace) || is_zero(span)) return std::nullopt;
  const bool has_more = header.size() > kLength;
  if (has_more && (version == "00" || header[kLength] != '-')) return std::nullopt;
  return TraceContext{.trace_id = std::string(trace),
                      .span_id = std::string(span),
                      .flags = static_cast<std::uint8_t>(digit(flags[0]) * 16 + digit(flags[1]))};
}

std::string to_header(const TraceContext& context) {
  const std::string flags = {"0123456789abcdef"[context.flags >> 4U],
                             "0123456789abcdef"[context.flags & 0xfU]};
  return "00-" + context.trace_id + "-" + context.span_id + "-" + flags;
}

TraceContext child_of(const TraceContext& parent, Rng& rng) {
  return TraceContext{
      .trace_id = parent.trace_id, .span_id = draw_span(rng), .flags = parent.flags};
}

TraceContext new_trace(Rng& rng) {
  return TraceContext{
      .trace_id = draw_span(rng) + draw_span(rng), .span_id = draw_span(rng), .flags = 1};
}

TraceContext continue_trace(std::string_view header, Rng& rng) {
  const std::optional<TraceContext> parent = parse_traceparent(header);
  return parent ? child_of(*parent, rng) : new_trace(rng);
}

std::uint64_t seed_from_kernel() {
  std::uint64_t seed = 0;
  CHECK(getrandom(&seed, sizeof seed, 0) == sizeof seed);
  return seed;
}

}  // namespace squall::reference
