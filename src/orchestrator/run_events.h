// What the orchestrator's helper threads tell its one loop.  They decide nothing: they ask, act and
// post; the loop folds.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "history/recording.h"

namespace squall {

struct FaultApplied {
  std::size_t entry;
  FaultInterval interval;  // start filled in
};
struct FaultFailed {
  std::size_t entry;
  FaultInterval interval;
  std::string why;
};
struct FaultHealed {
  std::size_t entry;
  MonoTime at;
  std::string ending;  // "healed", or why it ended otherwise
};
struct EvidenceFound {
  std::vector<EvidenceRow> rows;
};
struct LeaseLost {
  std::string fault;
  MonoTime at;
};
// Found dead or hanging, and started again: its journal and its processes were adopted.
struct AgentDied {
  std::string node;
  MonoTime at;            // at the latest
  std::string trouble;    // why it could not be started again; "" where it was
  bool has_hung = false;  // it lived, but let its lease lapse
};
struct LeaderSeen {
  std::string role;
  std::string node;  // "" nobody
  std::size_t number = 0;
};
struct UndoFailed {
  std::string why;
};
struct Noted {
  std::string node;
  std::string text;
};
// A check is certain of it, whatever follows.
struct ViolationFound {
  std::string check;
  std::string summary;
};
using RunEvent = std::variant<FaultApplied, FaultFailed, FaultHealed, EvidenceFound, LeaseLost,
                              AgentDied, LeaderSeen, UndoFailed, Noted, ViolationFound>;

// Thread-safe.
class RunEventQueue {
 public:
  void post(RunEvent event);
  // Everything posted so far; waits until there is something, or `timeout` has passed.
  [[nodiscard]] std::vector<RunEvent> take(Duration timeout);

 private:
  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<RunEvent> events_;
};

}  // namespace squall
