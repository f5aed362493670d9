// Looks at a recording that grows.
#include "orchestrator/early_judge.h"

#include <algorithm>

namespace squall {
namespace {

constexpr Duration kLookEvery = std::chrono::milliseconds(250);
constexpr int kRest = 20;  // times what the last look took
// Configurations that a search may visit in one look; it says nothing then.
constexpr std::uint64_t kMaxSteps = 5'000'000;
constexpr std::uint64_t kMaxMemory = std::uint64_t{256} << 20U;  // the recording comes first

// The clocks of recorders may be off: what one stamped before `until` may have come after it.
std::int64_t certain_until(Duration until, const History& history) {
  Duration error{0};
  for (const Process& process : history.processes()) error = std::max(error, process.clock_error);
  return (until - 2 * error).count();
}

}  // namespace

EarlyJudge::EarlyJudge(const std::vector<CheckRequest>& checks, RunEventQueue& events,
                       const Clock& clock)
    : events_(events), clock_(clock), next_look_(clock.mono() + kLookEvery) {
  for (const CheckRequest& request : checks) {
    const EarlyCheck& early = find_checker(request.name)->early;
    if (early.check == nullptr) continue;
    checks_.push_back(request);
    is_by_key_ = is_by_key_ && early.is_by_key;
  }
}

EarlyJudge::~EarlyJudge() {
  is_cancelled_ = true;
  if (thread_.joinable()) thread_.join();
}

void EarlyJudge::look(Duration until, const HistoryBuilder& builder) {
  if (is_looking_ || has_found_ || checks_.empty()) return;
  const MonoTime now = clock_.mono();
  if (thread_.joinable()) {
    thread_.join();
    next_look_ = now + std::max(kLookEvery, kRest * (now - began_));
  }
  if (now < next_look_) return;
  began_ = now;
  const std::size_t from = is_by_key_ ? from_ : 0;
  HistoryBuilder::Prefix prefix = builder.prefix(certain_until(until, builder.history()), from);
  from_ = prefix.next;
  is_looking_ = true;
  thread_ = std::thread([this, history = std::move(prefix.history)]() mutable {
    Recording recording;
    recording.history = std::move(history);
    check(recording);
    is_looking_ = false;
  });
}

void EarlyJudge::check(const Recording& recording) {
  Budget budget;
  budget.steps = kMaxSteps;
  budget.memory = kMaxMemory;
  budget.is_cancelled = &is_cancelled_;
  for (const CheckRequest& request : checks_) {
    const Verdict verdict =
        find_checker(request.name)->early.check(CheckInput{recording, request.params, budget});
    if (verdict.answer != Answer::kViolated || has_found_) continue;
    has_found_ = true;
    events_.post(ViolationFound{request.to_text(), verdict.summary});
  }
}

}  // namespace squall
