// Open loop: requests are sent when they are due, whatever the answers do.
//
//   due       |     |  |        |   |      planned before the run, from the seed alone
//   sent      |     |  |        |   |      a stall of the server moves none of these
//   answered     |           |      | | |
//
// A request's latency counts from when it was due, so a client that could not keep up, or was
// paused, shows in the latency instead of hiding in a lower rate (no coordinated omission).
//
// The history allows a process one operation under way, so here a process is a slot: the entry's
// `processes` are how many requests may be in flight.  A request that is due while every slot is
// taken is recorded as fail, "not sent: N requests are in flight", under a process of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "workload/arrivals.h"
#include "workload/workload_process.h"

namespace squall {

// What was not sent stands under the client's first process id plus this; ids that are dealt to
// entries stay below it.
inline constexpr std::int64_t kNotSentOffset = 500'000;

// Called exactly once, on any thread.  What has ended in any way frees its slot.
using Done = std::function<void(Answer)>;

struct LoadRequest {
  std::string value;  // of the invocation, JSON
  // Must not block.  `deadline`: CLOCK_MONOTONIC; no answer later than that is waited for.
  std::function<void(MonoTime deadline, Done done)> send;
};

struct OpenLoopSetup {
  ArrivalPlan arrivals;
  Duration timeout{0};   // of one request, from when it is sent
  std::string function;  // of the operations
  std::string key;       // JSON
  // The entry's request `number` (from 0, unique in the entry).  One thread, in order, also for
  // requests that are then not sent, so that what a request asks does not depend on the others'
  // answers.
  std::function<LoadRequest(std::int64_t number)> compose;
};

class OpenLoop {
 public:
  // `config` and `recorder` outlive it.
  OpenLoop(const ClientConfig& config, RecorderWriter& recorder, OpenLoopSetup setup);
  OpenLoop(const OpenLoop&) = delete;
  OpenLoop& operator=(const OpenLoop&) = delete;
  ~OpenLoop();
  // From the command kRun until it is another; after kFinish also until everything that is in
  // flight has ended.
  void run();

 private:
  struct State;
  [[nodiscard]] bool wait_until(MonoTime due) const;
  void dispatch(std::int64_t number, MonoTime due);
  void record_not_sent(const LoadRequest& request, MonoTime due, MonoTime now);

  const ClientConfig& config_;
  RecorderWriter& recorder_;
  std::shared_ptr<State> state_;  // shared with answers that are still to come
  OpenLoopSetup setup_;
};

}  // namespace squall
