// The recorder ring: whole records or none, in order, whoever dies.
#include "workload/recorder_ring.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "base/fd.h"
#include "base/rng.h"
#include "tests/workload/harness.h"

namespace squall {
namespace {

using testing_workload::Child;
using testing_workload::eventually;
using testing_workload::TempDir;

RecordedEvent event(std::int64_t process, std::int64_t number, std::string_view value) {
  return {.kind = RecordedEvent::Kind::kOk,
          .process = process,
          .at = number,
          .function = "add",
          .key = "\"k\"",
          .value = value,
          .error = ""};
}

class Ring : public testing::Test {
 protected:
  RecorderReader create(std::size_t capacity) {
    return *RecorderReader::create(folder_.path("ring"), capacity);
  }
  RecorderWriter open() { return *RecorderWriter::open(folder_.path("ring")); }
  TempDir folder_{};
};

TEST_F(Ring, GivesBackWhatWasRecordedAcrossManyWraps) {
  RecorderReader reader = create(4096);
  RecorderWriter writer = open();
  for (std::int64_t i = 0; i < 5000; ++i) {
    const std::string value(static_cast<std::size_t>(i % 301), 'x');
    writer.record({.kind = RecordedEvent::Kind::kInfo,
                   .process = 3,
                   .at = i,
                   .scheduled = -i,
                   .first_byte = i + 1,
                   .function = "write",
                   .key = "7",
                   .value = value,
                   .error = "why"});
    const std::optional<RecordedEvent> got = *reader.next();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->kind, RecordedEvent::Kind::kInfo);
    EXPECT_EQ(got->process, 3);
    EXPECT_EQ(got->at, i);
    EXPECT_EQ(got->scheduled, -i);
    EXPECT_EQ(got->first_byte, i + 1);
    EXPECT_EQ(got->generation, 1U);
    EXPECT_EQ(got->function, "write");
    EXPECT_EQ(got->key, "7");
    EXPECT_EQ(got->value, value);
    EXPECT_EQ(got->error, "why");
  }
  EXPECT_FALSE(*reader.next());
}

TEST_F(Ring, AWriterWaitsForRoomAndNothingIsDropped) {
  RecorderReader reader = create(4096);
  RecorderWriter writer = open();
  constexpr std::int64_t kThreads = 3;
  constexpr std::int64_t kEvents = 4000;
  std::vector<std::thread> threads;
  for (std::int64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&writer, t] {
      for (std::int64_t i = 0; i < kEvents; ++i) writer.record(event(t, i, "12345"));
    });
  }
  ASSERT_TRUE(eventually([&] { return reader.waits() > 0; }));  // full before anything is read
  std::vector<std::int64_t> next(kThreads, 0);
  ASSERT_TRUE(eventually([&] {
    while (const std::optional<RecordedEvent> got = *reader.next()) {
      EXPECT_EQ(got->at, next.at(static_cast<std::size_t>(got->process))++);
    }
    return next == std::vector<std::int64_t>(kThreads, kEvents);
  }));
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Ring, AWriterThatIsKilledAtAnyMomentLeavesWholeRecordsOnly) {
  Rng rng(1);
  RecorderReader reader = create(std::size_t{1} << 16U);
  for (std::uint32_t round = 1; round <= 30; ++round) {
    Child child([this] {
      RecorderWriter writer = open();
      for (std::int64_t i = 0;; ++i) {
        writer.record(event(0, i, std::string(static_cast<std::size_t>(i % 97), '7')));
      }
    });
    const std::int64_t last = static_cast<std::int64_t>(rng.below(5000));
    std::int64_t next = 0;
    const auto read_all = [&] {
      while (const std::optional<RecordedEvent> got = *reader.next()) {
        ASSERT_EQ(got->at, next);
        ASSERT_EQ(got->generation, round);
        ASSERT_EQ(got->value, std::string(static_cast<std::size_t>(next % 97), '7'));
        ++next;
        if (next == last) return;
      }
    };
    ASSERT_TRUE(eventually([&] { return read_all(), next >= last; }));
    child.kill();
    read_all();
  }
}

TEST_F(Ring, ACorruptRingIsAnErrorAndStaysOne) {
  for (const std::uint32_t length : {0U, 8U, 4096U, 0xffff'fff8U}) {
    const TempDir folder;
    RecorderReader reader = *RecorderReader::create(folder.path("ring"), 4096);
    RecorderWriter writer = *RecorderWriter::open(folder.path("ring"));
    writer.record(event(0, 1, "5"));
    const Fd file(::open(folder.path("ring").c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(::pwrite(file.get(), &length, sizeof length, 4096), 4);  // of the first record
    ASSERT_FALSE(reader.next().ok());
    ASSERT_FALSE(reader.next().ok());
    EXPECT_TRUE(
        reader.next().error().what.starts_with(folder.path("ring") + ": corrupt at byte 0"));
  }
}

TEST_F(Ring, WhatIsTooLargeKeepsItsOutcomeHonest) {
  RecorderReader reader = create(4096);
  RecorderWriter writer = open();
  const std::string large(5000, '1');
  writer.record(event(0, 1, large));
  const std::optional<RecordedEvent> got = *reader.next();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->kind, RecordedEvent::Kind::kInfo);
  EXPECT_EQ(got->value, "");
  EXPECT_EQ(got->error, "an answer that is too large for the recorder");
}

TEST_F(Ring, HasOneWriterAtATimeAndTellsItsGenerations) {
  const RecorderReader reader = create(4096);
  {
    const RecorderWriter writer = open();
    EXPECT_EQ(writer.generation(), 1U);
    const Result<RecorderWriter> second = RecorderWriter::open(folder_.path("ring"));
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().what, folder_.path("ring") + ": another client records here");
  }
  EXPECT_EQ(open().generation(), 2U);
}

TEST_F(Ring, ACommandWakesTheClient) {
  RecorderReader reader = create(4096);
  RecorderWriter writer = open();
  EXPECT_FALSE(reader.is_ready());
  writer.set_ready();
  EXPECT_TRUE(reader.is_ready());
  EXPECT_EQ(writer.wait_command(ClientCommand::kWait, Duration::zero()), ClientCommand::kWait);
  std::thread waiter([&] {
    EXPECT_EQ(writer.wait_command(ClientCommand::kWait, std::chrono::minutes(1)),
              ClientCommand::kRun);
  });
  reader.set_command(ClientCommand::kRun);
  waiter.join();
}

}  // namespace
}  // namespace squall
