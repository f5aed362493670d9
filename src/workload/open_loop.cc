// The dispatcher of an open loop, and its slots.
#include "workload/open_loop.h"

#include <sys/prctl.h>

#include <condition_variable>
#include <mutex>

namespace squall {
namespace {

// Timers of a thread may be late by its slack, 50 us unless asked for less (prctl(2)).
constexpr std::uint64_t kTimerSlackNs = 1;
// What is in flight ends by its own deadline; this is for an answer that is just being recorded.
constexpr Duration kLastAnswers = std::chrono::seconds(1);

}  // namespace

struct OpenLoop::State {
  State(RecorderWriter& writer, const std::vector<std::int64_t>& slots)
      : recorder(writer), limit(slots.size()), free(slots.rbegin(), slots.rend()) {}

  std::optional<std::int64_t> take() {
    const std::scoped_lock lock(mutex);
    if (free.empty()) return std::nullopt;
    const std::int64_t slot = free.back();
    free.pop_back();
    return slot;
  }
  // The answer is on record before the slot is free, so that the slot's next invocation follows it.
  void end(std::int64_t slot, std::string_view function, std::string_view key,
           const Answer& answer) {
    recorder.record({.kind = answer.kind,
                     .process = slot,
                     .at = system_clock().mono().ns(),
                     .first_byte = answer.first_byte.ns(),
                     .function = function,
                     .key = key,
                     .value = answer.value,
                     .error = answer.error});
    const std::scoped_lock lock(mutex);
    free.push_back(slot);
    if (free.size() == limit) all_free.notify_all();
  }
  void wait_until_all_free(Duration patience) {
    std::unique_lock lock(mutex);
    (void)all_free.wait_for(lock, patience, [this] { return free.size() == limit; });
  }

  RecorderWriter& recorder;
  const std::size_t limit;
  std::mutex mutex{};
  std::condition_variable all_free{};
  std::vector<std::int64_t> free;
};

OpenLoop::OpenLoop(const ClientConfig& config, RecorderWriter& recorder, OpenLoopSetup setup)
    : config_(config),
      recorder_(recorder),
      state_(std::make_shared<State>(recorder, config.processes)),
      setup_(std::move(setup)) {}

OpenLoop::~OpenLoop() = default;

bool OpenLoop::wait_until(MonoTime due) const {
  for (;;) {
    if (recorder_.command() != ClientCommand::kRun) return false;
    const Duration left = due - system_clock().mono();
    if (left <= Duration::zero()) return true;
    (void)recorder_.wait_command(ClientCommand::kRun, left);
  }
}

void OpenLoop::run() {
  // Without it requests are late by the slack, and nothing else is wrong.
  (void)::prctl(PR_SET_TIMERSLACK, kTimerSlackNs, 0, 0, 0);
  // A client that was killed and started again begins a sequence of its own.
  const Rng rng =
      Rng(config_.seed).split(config_.name + "/arrivals/" + std::to_string(recorder_.generation()));
  Arrivals arrivals(setup_.arrivals, rng);
  const ArrivalShare share(config_.processes, config_.process_count);
  const MonoTime start = system_clock().mono();
  for (std::int64_t number = 0;; ++number) {
    const MonoTime due = start + arrivals.next();
    if (!share.is_ours(number)) continue;
    if (!wait_until(due)) break;
    dispatch(number, due);
  }
  if (recorder_.command() != ClientCommand::kFinish) return;
  state_->wait_until_all_free(setup_.timeout + kLastAnswers);
}

void OpenLoop::dispatch(std::int64_t number, MonoTime due) {
  LoadRequest request = setup_.compose(number);
  const std::optional<std::int64_t> slot = state_->take();
  const MonoTime now = system_clock().mono();
  if (!slot) return record_not_sent(request, due, now);
  recorder_.record({.kind = RecordedEvent::Kind::kInvoke,
                    .process = *slot,
                    .at = now.ns(),
                    .scheduled = due.ns(),
                    .function = setup_.function,
                    .key = setup_.key,
                    .value = request.value});
  request.send(now + setup_.timeout,
               [state = state_, slot = *slot, function = setup_.function, key = setup_.key](
                   const Answer& answer) { state->end(slot, function, key, answer); });
}

void OpenLoop::record_not_sent(const LoadRequest& request, MonoTime due, MonoTime now) {
  RecordedEvent event{.kind = RecordedEvent::Kind::kInvoke,
                      .process = config_.processes.front() + kNotSentOffset,
                      .at = now.ns(),
                      .scheduled = due.ns(),
                      .function = setup_.function,
                      .key = setup_.key,
                      .value = request.value};
  recorder_.record(event);
  const std::string error =
      "not sent: " + std::to_string(state_->limit) + " requests are in flight";
  event.kind = RecordedEvent::Kind::kFail;
  event.error = error;
  recorder_.record(event);
}

}  // namespace squall
