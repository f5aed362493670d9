// The delay line's pure parts: which packets are delayed, by how much, in which order.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "agent/delay/delay_table.h"
#include "agent/delay/steering.h"

namespace squall {
namespace {

using std::chrono::milliseconds;

constexpr BootTime kNow{std::chrono::seconds(100)};
constexpr BootTime kLater{std::chrono::seconds(105)};

PacketAddress address(const std::string& text) {
  return *parse_packet_address(text);
}

// An IP header to that address, and nothing else.
std::vector<std::uint8_t> packet_to(const std::string& text) {
  const PacketAddress to = address(text);
  const bool is_v4 = text.find(':') == std::string::npos;
  std::vector<std::uint8_t> packet(is_v4 ? 20 : 40);
  packet[0] = is_v4 ? 0x45 : 0x60;
  if (is_v4) std::copy(to.begin() + 12, to.end(), packet.begin() + 16);
  if (!is_v4) std::copy(to.begin(), to.end(), packet.begin() + 24);
  return packet;
}

DelayTable::Expiries all_until(BootTime expiry) {
  DelayTable::Expiries expiries;
  expiries.fill(expiry);
  return expiries;
}

TableRow row(std::size_t slot, int ms, const std::vector<std::string>& to) {
  TableRow row{
      .slot = slot, .delay = {.delay = milliseconds(ms)}, .seed = slot, .destinations = {}};
  for (const std::string& text : to) row.destinations.push_back(address(text));
  return row;
}

TEST(DestinationOf, ReadsBothFamilies) {
  EXPECT_EQ(destination_of(packet_to("198.18.0.2")), address("198.18.0.2"));
  EXPECT_EQ(destination_of(packet_to("fd00::2")), address("fd00::2"));
}

TEST(DestinationOf, PassesOverWhatTheKernelSaysByItself) {
  for (const char* to : {"224.0.0.22", "ff02::16", "fe80::1"}) {
    EXPECT_EQ(destination_of(packet_to(to)), std::nullopt) << to;
  }
  EXPECT_EQ(destination_of({}), std::nullopt);
  const std::vector<std::uint8_t> torn(19, 0x45);
  EXPECT_EQ(destination_of(torn), std::nullopt);
}

TEST(DelayTable, AddsTheDelaysOfAllFaults) {
  DelayTable table;
  table.set({row(0, 50, {"198.18.0.2", "fd00::2"}), row(3, 20, {"198.18.0.2", "198.18.0.3"})});
  const auto expiries = all_until(kLater);
  EXPECT_EQ(table.draw(address("198.18.0.2"), expiries, kNow), milliseconds(70));
  EXPECT_EQ(table.draw(address("fd00::2"), expiries, kNow), milliseconds(50));
  EXPECT_EQ(table.draw(address("198.18.0.3"), expiries, kNow), milliseconds(20));
  EXPECT_EQ(table.draw(address("198.18.0.4"), expiries, kNow), milliseconds(0));
}

TEST(DelayTable, AddsNothingForALeaseThatHasEnded) {
  DelayTable table;
  table.set({row(0, 50, {"fd00::2"}), row(1, 20, {"fd00::2"})});
  DelayTable::Expiries expiries = all_until(kLater);
  expiries[0] = kNow;
  EXPECT_EQ(table.draw(address("fd00::2"), expiries, kNow), milliseconds(20));
}

TEST(DelayTable, ForgetsAFaultThatIsTakenAway) {
  DelayTable table;
  table.set({row(0, 50, {"fd00::2"}), row(1, 20, {"fd00::2"})});
  table.set({row(1, 20, {"fd00::2"})});
  EXPECT_EQ(table.draw(address("fd00::2"), all_until(kLater), kNow), milliseconds(20));
}

TEST(DelayTable, KeepsDrawingForAFaultThatStays) {
  TableRow jittery = row(0, 50, {"fd00::2"});
  jittery.delay.jitter = milliseconds(10);
  DelayTable lived;
  DelayTable fresh;
  lived.set({jittery});
  fresh.set({jittery});
  const auto expiries = all_until(kLater);
  (void)fresh.draw(address("fd00::2"), expiries, kNow);
  (void)lived.draw(address("fd00::2"), expiries, kNow);
  lived.set({jittery, row(1, 20, {"fd00::3"})});
  EXPECT_EQ(lived.draw(address("fd00::2"), expiries, kNow),
            fresh.draw(address("fd00::2"), expiries, kNow));
}

TEST(TableRows, SurviveTheWayToTheLine) {
  TableRow jittery = row(7, 50, {"198.18.0.2", "fd00::2"});
  jittery.delay = {milliseconds(50), milliseconds(5), 0.25, DelayShape::kPareto};
  const std::string bytes = encode_rows({row(0, 20, {}), jittery});
  const auto rows = decode_rows(bytes);
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ(rows->at(1).slot, 7U);
  EXPECT_EQ(rows->at(1).seed, 7U);
  EXPECT_EQ(rows->at(1).delay, jittery.delay);
  EXPECT_EQ(rows->at(1).destinations, jittery.destinations);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_rows(bytes.substr(0, size)).ok()) << size;
  }
}

TEST(SteeringText, NamesItsTableAndNoOther) {
  const std::uint32_t table = steering_table(42);
  EXPECT_EQ(*parse_steering_text(steering_text(table)), table);
  EXPECT_FALSE(parse_steering_text("routing rules for table 254").ok());
  EXPECT_FALSE(parse_steering_text("everything").ok());
}

struct Sample {
  double mean = 0;
  double deviation = 0;
  double median = 0;
  double correlation = 0;
};

Sample sample_of(const DelaySpec& spec) {
  constexpr int kDraws = 200'000;
  DelayDraw draw(spec, 1);
  std::vector<double> values;
  for (int i = 0; i < kDraws; ++i) values.push_back(static_cast<double>(draw.next().count()) / 1e6);
  Sample sample;
  for (const double value : values) sample.mean += value / kDraws;
  double covariance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double off = values[i] - sample.mean;
    sample.deviation += off * off / kDraws;
    if (i > 0) covariance += off * (values[i - 1] - sample.mean) / kDraws;
  }
  sample.correlation = covariance / sample.deviation;
  sample.deviation = std::sqrt(sample.deviation);
  std::nth_element(values.begin(), values.begin() + kDraws / 2, values.end());
  sample.median = values[kDraws / 2];
  return sample;
}

// The seed is fixed, so these numbers are too.
TEST(DelayDraw, HasTheDistributionThatWasAskedFor) {
  for (const DelayShape shape : {DelayShape::kUniform, DelayShape::kNormal, DelayShape::kPareto}) {
    const DelaySpec spec{milliseconds(50), milliseconds(5), 0, shape};
    const Sample sample = sample_of(spec);
    const double deviation = static_cast<double>(deviation_of(spec).count()) / 1e6;
    const double median = static_cast<double>(median_of(spec).count()) / 1e6;
    EXPECT_NEAR(sample.mean, 50, 0.05);
    EXPECT_NEAR(sample.median, median, 0.05);
    EXPECT_NEAR(sample.correlation, 0, 0.01);
    // The pareto tail of shape 3 has no fourth moment: its sample deviation is a rough one.
    EXPECT_NEAR(sample.deviation, deviation, shape == DelayShape::kPareto ? 0.5 : 0.05);
  }
}

// Mixing the drawn numbers themselves would narrow the distribution.
TEST(DelayDraw, CorrelatesWithoutNarrowing) {
  const DelaySpec spec{milliseconds(50), milliseconds(5), 0.5, DelayShape::kNormal};
  const Sample sample = sample_of(spec);
  EXPECT_NEAR(sample.correlation, 0.5, 0.01);
  EXPECT_NEAR(sample.deviation, 5, 0.05);
  EXPECT_NEAR(sample.mean, 50, 0.05);
}

TEST(DelayDraw, WithoutJitterIsTheDelay) {
  DelayDraw draw({.delay = milliseconds(50)}, 1);
  EXPECT_EQ(draw.next(), milliseconds(50));
}

}  // namespace
}  // namespace squall
