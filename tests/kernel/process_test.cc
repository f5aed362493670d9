// What /proc/PID/stat says, as text.
#include "kernel/process.h"

#include <gtest/gtest.h>

#include "tests/support/own_namespaces.h"

namespace squall {
namespace {

std::string stat_line(const std::string& name) {
  return "42 (" + name + ") T 7 42 40 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 987654 8192 0 184\n";
}

TEST(ProcessStat, ANameMayHoldSpacesAndParentheses) {
  for (const char* name : {"etcd", "a b", "a) R 1 (b", ")", "(((", ""}) {
    const ProcessStat wanted{.id = {.pid = 42, .start_time = 987654},
                             .name = name,
                             .state = 'T',
                             .parent = 7,
                             .group = 42,
                             .session = 40};
    EXPECT_EQ(must(parse_process_stat(stat_line(name))), wanted) << name;
  }
}

TEST(ProcessStat, ATextThatIsNoStatLineIsAnError) {
  EXPECT_EQ(error_of(parse_process_stat("")), "'' is not a line of /proc/PID/stat");
  EXPECT_EQ(error_of(parse_process_stat("42 (etcd) S 7 42\n")),
            "'42 (etcd) S 7 42' is not a line of /proc/PID/stat");
  EXPECT_FALSE(parse_process_stat(stat_line("x").replace(0, 2, "4x")).ok());
}

}  // namespace
}  // namespace squall
