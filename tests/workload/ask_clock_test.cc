// The words of others about the time of day.
#include "workload/ask_clock.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

TEST(HttpDate, IsSecondsSince1970) {
  EXPECT_EQ(parse_http_date("Thu, 01 Jan 1970 00:00:10 GMT").value(), std::chrono::seconds(10));
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").value(),
            std::chrono::seconds(784'111'777));
}

TEST(HttpDate, OfAnotherFormIsRefused) {
  for (const char* text : {"", "soon", "Sun, 06 Nov 1994 08:49:37 CET", "1994-11-06T08:49:37Z",
                           "Sun, 06 Nov 1994 08:49:37 GMT and more"}) {
    EXPECT_FALSE(parse_http_date(text).ok()) << text;
  }
}

TEST(ToldClock, IsTheUrlOfReadinessOrRedis) {
  ProcessSpec process;
  process.command = {"/usr/bin/redis-server"};
  EXPECT_FALSE(told_clock(process));
  process.ready.tcp = "{ip}:6379";
  ASSERT_TRUE(told_clock(process));
  EXPECT_EQ(told_clock(process)->what, "TIME");
  process.command = {"something-else"};
  EXPECT_FALSE(told_clock(process));  // nobody sends a stranger what it may not understand
  process.ready.http = "http://{ip}/health";
  ASSERT_TRUE(told_clock(process));
  EXPECT_EQ(told_clock(process)->what, "Date header");
}

}  // namespace
}  // namespace squall
