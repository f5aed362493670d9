// The judge of a run that goes on: looks at what was recorded so far, and says when a violation is
// certain.  The verdict is not its business: that comes from the whole recording.
//
// It checks on a thread of its own, as often as costs little: after a look that took 100 ms it
// rests 2 s.  Keys that nobody used since the last look are not looked at again, as far as the
// checks judge keys apart.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "base/time.h"
#include "checker/checker.h"
#include "orchestrator/run_events.h"
#include "workload/history_builder.h"

namespace squall {

// Not thread-safe: the run loop owns it.
class EarlyJudge {
 public:
  // Uses those of the checks that can be certain early.  Posts ViolationFound, once.
  EarlyJudge(const std::vector<CheckRequest>& checks, RunEventQueue& events, const Clock& clock);
  EarlyJudge(const EarlyJudge&) = delete;
  EarlyJudge& operator=(const EarlyJudge&) = delete;
  ~EarlyJudge();  // ends the look that is under way

  // All that was recorded up to `until`, in time since the start of the run, is in the builder.
  // An invocation is recorded before its request is sent, so whatever an answer that came by
  // `until` can depend on is there.
  void look(Duration until, const HistoryBuilder& builder);

 private:
  void check(const Recording& recording);

  std::vector<CheckRequest> checks_;
  RunEventQueue& events_;
  const Clock& clock_;
  bool is_by_key_ = true;
  std::size_t from_ = 0;  // rows before it were over at the last look
  MonoTime next_look_{};
  MonoTime began_{};
  std::atomic<bool> is_looking_ = false;
  std::atomic<bool> is_cancelled_ = false;
  std::atomic<bool> has_found_ = false;
  std::thread thread_;
};

}  // namespace squall
