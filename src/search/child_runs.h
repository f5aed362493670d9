// `squall run` as child processes, several at a time.  They end with us: each has a parent-death
// signal, and its own lab a parent-death signal on it.
#pragma once

#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"
#include "kernel/process.h"

namespace squall {

struct ChildRun {
  std::vector<std::string> words;  // program and arguments
  std::string log;                 // both outputs go here
  // A sealed machine stays on the processor that it starts on: where two of them start on the same
  // one, another stands idle.
  bool has_own_processor = false;
};

// One thread only: the parent-death signal is that of the thread that started the child.
class ChildRuns {
 public:
  // Takes SIGINT, SIGTERM and SIGHUP for as long as it lives.
  [[nodiscard]] static Result<ChildRuns> open();
  ChildRuns(ChildRuns&& other) noexcept;
  ChildRuns& operator=(ChildRuns&&) = delete;
  // Kills what still runs and waits for it.
  ~ChildRuns();

  // In a process group of its own, so that a Ctrl-C at the terminal comes to us alone: a run that
  // gets two of them dies instead of healing.
  [[nodiscard]] Result<> start(std::size_t id, const ChildRun& run);

  struct Event {
    enum class Kind { kNothing, kEnded, kStop } kind = Kind::kNothing;
    std::size_t id = 0;   // kEnded
    ExitStatus status{};  // kEnded
  };
  // The next end or signal; nothing when `timeout` has passed.
  [[nodiscard]] Result<Event> wait(Duration timeout);

  // Asks every run to heal and to end.
  void interrupt();
  void kill();
  [[nodiscard]] std::size_t running() const { return children_.size(); }

 private:
  ChildRuns() = default;
  [[nodiscard]] int least_used_processor() const;

  std::map<std::size_t, Fd> children_;       // pidfds
  std::map<std::size_t, int> processors_{};  // of those that have one
  Fd signals_;
  sigset_t before_{};
};

}  // namespace squall
