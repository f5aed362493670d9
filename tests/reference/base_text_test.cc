// Trace context, metrics text, JSON text and log lines.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <limits>

#include "base/fd.h"
#include "reference/base/json_text.h"
#include "reference/base/log.h"
#include "reference/base/metrics.h"
#include "reference/base/trace.h"

namespace squall::reference {
namespace {

constexpr std::string_view kHeader = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Trace, AHeaderIsReadBackAsWritten) {
  const auto context = parse_traceparent(kHeader);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context->span_id, "00f067aa0ba902b7");
  EXPECT_TRUE(context->is_sampled());
  EXPECT_EQ(to_header(*context), kHeader);
}

TEST(Trace, AChildKeepsTheTraceAndTheFlagsAndHasASpanOfItsOwn) {
  Rng rng(1);
  const TraceContext child = continue_trace(kHeader, rng);
  EXPECT_EQ(child.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_NE(child.span_id, "00f067aa0ba902b7");
  EXPECT_EQ(child.flags, 1);
  EXPECT_TRUE(parse_traceparent(to_header(child)));
}

TEST(Trace, ABadHeaderIsIgnored) {
  const std::array kBad = {
      "",
      "00",
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",    // upper case
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",    // no trace
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",    // no span
      "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",    // forbidden version
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-a",  // version 00 has no more
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
      "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
      "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
  };
  for (const char* const header : kBad) EXPECT_FALSE(parse_traceparent(header)) << header;
  EXPECT_TRUE(parse_traceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later"));
  Rng rng(1);
  EXPECT_NE(continue_trace("", rng).trace_id, continue_trace("", rng).trace_id);
}

TEST(Metrics, AreWrittenAsPrometheusReadsThem) {
  Metrics metrics;
  metrics.counter("b_total", "Counted.", {{"model", "a\"b\\c\nd"}}).add(3);
  metrics.gauge("a", "A level.").set(1.5);
  Histogram& histogram = metrics.histogram("c_seconds", "Times.", {0.01, 0.1}, {{"x", "y"}});
  for (const double value : {0.01, 0.05, 7.0}) histogram.observe(value);
  EXPECT_EQ(metrics.text(),
            "# HELP a A level.\n# TYPE a gauge\na 1.5\n"
            "# HELP b_total Counted.\n# TYPE b_total counter\n"
            "b_total{model=\"a\\\"b\\\\c\\nd\"} 3\n"
            "# HELP c_seconds Times.\n# TYPE c_seconds histogram\n"
            "c_seconds_bucket{x=\"y\",le=\"0.01\"} 1\n"
            "c_seconds_bucket{x=\"y\",le=\"0.1\"} 2\n"
            "c_seconds_bucket{x=\"y\",le=\"+Inf\"} 3\n"
            "c_seconds_sum{x=\"y\"} 7.06\n"
            "c_seconds_count{x=\"y\"} 3\n");
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameMetric) {
  Metrics metrics;
  metrics.counter("a", "A.", {{"x", "1"}}).add();
  metrics.counter("a", "A.", {{"x", "2"}}).add();
  metrics.counter("a", "A.", {{"x", "1"}}).add();
  EXPECT_EQ(metrics.counter("a", "A.", {{"x", "1"}}).value(), 2U);
}

TEST(JsonText, IsAlwaysJson) {
  std::string text;
  append_json(text, std::string_view("a\"b\\\n\x01é\xff\xed\xa0\x80"));
  EXPECT_EQ(text, "\"a\\\"b\\\\\\n\\u0001é\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  std::string numbers;
  for (const double number : {0.1, 16777215.0, std::numeric_limits<double>::infinity()}) {
    append_json(numbers, number);
    numbers += ' ';
  }
  EXPECT_EQ(numbers, "0.1 16777215 null ");
  EXPECT_EQ(error_body("no 'x'"), "{\"error\":\"no 'x'\"}");
}

class FixedClock : public Clock {
 public:
  [[nodiscard]] MonoTime mono() const override { return {Duration(7)}; }
  [[nodiscard]] BootTime boot() const override { return {Duration(7)}; }
  [[nodiscard]] WallTime wall() const override { return {std::chrono::seconds(1)}; }
};

TEST(Log, ALineIsOneObjectAndEmptyFieldsAreLeftOut) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const Fd reader(ends[0]);
  Fd writer(ends[1]);
  const FixedClock clock;
  Log log(clock, "m1", "model-server", LogLevel::kInfo, writer.get());
  log.debug("dropped");
  log.info("ready", {{"trace_id", ""}, {"count", std::int64_t{3}}, {"is_late", false}});
  writer.reset();
  std::array<char, 512> bytes{};
  const ssize_t count = ::read(reader.get(), bytes.data(), bytes.size());
  ASSERT_GT(count, 0);
  EXPECT_EQ(std::string(bytes.data(), static_cast<std::size_t>(count)),
            "{\"ts\":\"1970-01-01T00:00:01.000Z\",\"mono_ns\":7,\"level\":\"info\",\"node\":\"m1\","
            "\"svc\":\"model-server\",\"event\":\"ready\",\"count\":3,\"is_late\":false}\n");
}

}  // namespace
}  // namespace squall::reference
