// Dynamic batching as a machine: calls in, batches out.  It knows no engine and no clock.
//
//   offer → queue ──(the batch is full, or its oldest call waited `delay`)──▶ computing → finish
//             └──(deadline)──▶ expired ◀──(deadline)──────────────────────────────┘
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/time.h"

namespace squall::reference::server {

struct BatchLimits {
  std::size_t max_batch = 8;                        // rows of one batch, from 1
  Duration delay = std::chrono::microseconds(100);  // that a call may wait for others to join it
  std::size_t queue = 64;                           // calls that wait; one more is refused
  std::size_t computing = 2;  // batches that the engine has at a time: one computes, one is near
};

using CallNumber = std::uint64_t;
using BatchNumber = std::uint64_t;

struct QueuedCall {
  CallNumber number = 0;
  std::size_t rows = 1;  // from 1 to max_batch
  std::optional<MonoTime> deadline{};
};

struct Batch {
  BatchNumber number = 0;
  std::vector<QueuedCall> calls{};  // in the order of their rows
  std::size_t rows = 0;
};

struct BatchStep {
  std::vector<CallNumber> expired{};  // answer them now; they are not computed, or nobody waits
  std::vector<Batch> batches{};       // hand them to the engine
  std::optional<MonoTime> wake{};     // step again then, if nothing happens before
};

class BatcherCore {
 public:
  explicit BatcherCore(BatchLimits limits) : limits_(limits) {}

  // False: the queue is full.  step() must follow.
  [[nodiscard]] bool offer(const QueuedCall& call, MonoTime now);
  [[nodiscard]] BatchStep step(MonoTime now);
  // The engine is done with it, well or badly.  step() must follow.
  void finish(BatchNumber batch);

  [[nodiscard]] std::size_t queued() const { return queue_.size(); }
  [[nodiscard]] std::size_t computing() const { return computing_.size(); }

 private:
  struct Waiting {
    QueuedCall call;
    MonoTime since;
  };
  void drop_expired(MonoTime now, BatchStep& step);
  // The calls at the front that fit one batch, and whether no other would fit.
  struct Front {
    std::size_t calls = 0;
    std::size_t rows = 0;
    bool is_full = false;
  };
  [[nodiscard]] Front front() const;
  [[nodiscard]] Batch take(const Front& front);
  [[nodiscard]] std::optional<MonoTime> next_wake() const;

  BatchLimits limits_;
  std::deque<Waiting> queue_{};
  std::map<BatchNumber, std::vector<QueuedCall>> computing_{};
  BatchNumber last_batch_ = 0;
};

}  // namespace squall::reference::server
