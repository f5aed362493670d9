// ptrace(2) of every thread that /proc lists, until it lists none that may run.
#include "kernel/stopped_process.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "kernel/process.h"
#include "kernel/remote_call.h"

namespace squall {
namespace {

class Stop {
 public:
  Stop(pid_t process, Duration patience)
      : process_(process), patience_(patience), until_(system_clock().mono() + patience) {}

  // Only a thread that runs makes another.  So when every thread of a list had stopped or ended
  // before the list was made, nobody runs.
  Result<> complete() {
    for (;;) {
      std::vector<pid_t> fresh = TRY(threads_of(process_));
      std::erase_if(fresh, [this](pid_t thread) { return still_.contains(thread); });
      if (fresh.empty()) return {};
      TRY(stop(fresh));
      if (system_clock().mono() > until_) return late(fresh.front());
    }
  }

 private:
  // Asks all of them before it waits for the first, so that they stand still for a short time.
  Result<> stop(const std::vector<pid_t>& threads) {
    std::vector<StoppedThread> asked;
    for (const pid_t thread : threads) {
      Result<StoppedThread> one = StoppedThread::ask(thread);
      if (one.ok()) {
        asked.push_back(std::move(one).value());
      } else {
        TRY(note_end(thread, one.error()));
      }
    }
    for (StoppedThread& one : asked) {
      const Result<> waited = one.wait(until_ - system_clock().mono());
      if (waited.ok()) {
        still_.insert(one.thread());
        stopped_.push_back(std::move(one));
      } else {
        TRY(note_end(one.thread(), waited.error()));
      }
    }
    return {};
  }

  // A zombie is listed on; its id is nobody else's meanwhile.
  Result<> note_end(pid_t thread, const Error& error) {
    const Result<char> state = process_state(thread);
    if (!state.ok() && state.error().code == Errc::kNotFound) return {};
    if (state.ok() && *state == 'Z') still_.insert(thread);
    if (state.ok() && (*state == 'Z' || *state == 'X')) return {};
    return error.code == Errc::kTimeout ? late(thread) : error;
  }

  [[nodiscard]] Error late(pid_t thread) const {
    return {Errc::kTimeout, "stop all threads of process " + std::to_string(process_) + ": " +
                                std::to_string(thread) + " may still run after " +
                                to_text(patience_)};
  }

  pid_t process_;
  Duration patience_;
  MonoTime until_;
  std::set<pid_t> still_;  // stopped or ended
  std::vector<StoppedThread> stopped_;
};

}  // namespace

Result<> while_stopped(pid_t process, Duration patience, const std::function<Result<>()>& work) {
  Result<> done;
  // What a tracer has stopped is let go when it ends, whatever state it is in.
  std::thread tracer([&] {
    Stop stop(process, patience);
    done = stop.complete();
    if (done.ok()) done = work();
  });
  tracer.join();
  return done;
}

}  // namespace squall
