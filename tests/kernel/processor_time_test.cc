// Processor time of other processes.
#include "kernel/processor_time.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace squall {
namespace {

TEST(ProcessorTime, GrowsWithWhatAProcessDoes) {
  const Duration before = processor_time_of(::getpid());
  EXPECT_GT(before, Duration{0});
  volatile unsigned long sum = 0;
  while (processor_time_of(::getpid()) < before + std::chrono::milliseconds(20)) sum = sum + 1;
  EXPECT_GT(sum, 0U);
}

TEST(ProcessorTime, OfNobodyIsZero) {
  EXPECT_EQ(processor_time_of(0x7fff'fff0), Duration{0});
}

}  // namespace
}  // namespace squall
