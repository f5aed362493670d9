// The shell around the batcher: rows together, to the engine, and apart again.
#include "reference/server/served_version.h"

#include <utility>

namespace squall::reference::server {
namespace {

Failure to_failure(const Error& error) {
  const FailureKind kind =
      error.code == Errc::kAborted ? FailureKind::kUnavailable : FailureKind::kInternal;
  return Failure{.kind = kind, .what = error.what};
}

Matrix slice(const Matrix& all, std::size_t first, std::uint32_t rows) {
  const auto at = [&](std::size_t row) {
    return all.values.begin() + static_cast<std::ptrdiff_t>(row * all.columns);
  };
  Matrix part{.rows = rows, .columns = all.columns};
  part.values.assign(at(first), at(first + rows));
  return part;
}

}  // namespace

ServedVersion::ServedVersion(Loop& loop, const Clock& clock, EngineClient& engine, Metrics& metrics,
                             ServedVersionPlan plan)
    : clock_(clock),
      engine_(engine),
      plan_(std::move(plan)),
      metrics_(metrics, plan_.model, std::to_string(plan_.version)),
      batcher_(plan_.limits),
      timer_(loop) {}

ServedVersion::~ServedVersion() {
  engine_.unload(plan_.slot);
}

void ServedVersion::infer(Matrix matrix, std::optional<MonoTime> deadline,
                          std::function<void(Outcome<Matrix>)> done) {
  const MonoTime now = clock_.mono();
  const CallNumber number = ++last_call_;
  const QueuedCall call{.number = number, .rows = matrix.rows, .deadline = deadline};
  if (!batcher_.offer(call, now)) {
    metrics_.on_failure(FailureKind::kUnavailable, true, {});
    return done(Failure{FailureKind::kUnavailable,
                        "the queue of " + plan_.model +
                            " is full: " + std::to_string(plan_.limits.queue) + " requests wait"});
  }
  waiting_.emplace(number,
                   Waiting{.matrix = std::move(matrix), .done = std::move(done), .since = now});
  keep_ = shared_from_this();
  step();
}

void ServedVersion::step() {
  const auto self = shared_from_this();  // an answer may release the last other owner
  const BatchStep next = batcher_.step(clock_.mono());
  for (const Batch& batch : next.batches) execute(batch);
  for (const CallNumber number : next.expired) {
    answer(number, Failure{FailureKind::kDeadline, "the request's deadline has passed"});
  }
  metrics_.set_pending(batcher_.queued());
  if (waiting_.empty()) keep_.reset();
  if (!next.wake) return timer_.cancel();
  timer_.after(*next.wake - clock_.mono(), [weak = weak_from_this()] {
    if (const auto version = weak.lock()) version->step();
  });
}

void ServedVersion::execute(const Batch& batch) {
  const MonoTime start = clock_.mono();
  Matrix all{.rows = static_cast<std::uint32_t>(batch.rows),
             .columns = waiting_.at(batch.calls.front().number).matrix.columns};
  all.values.reserve(std::size_t{all.rows} * all.columns);
  for (const QueuedCall& call : batch.calls) {
    const Waiting& waiting = waiting_.at(call.number);
    metrics_.on_queued(start - waiting.since);
    all.values.insert(all.values.end(), waiting.matrix.values.begin(), waiting.matrix.values.end());
  }
  const MonoTime sent = clock_.mono();
  engine_.infer(plan_.slot, all,
                [self = shared_from_this(), batch, sent,
                 assembling = sent - start](const Result<InferredBody>& result) {
                  self->on_executed(batch, sent, assembling, result);
                });
}

void ServedVersion::on_executed(const Batch& batch, MonoTime sent, Duration assembling,
                                const Result<InferredBody>& result) {
  batcher_.finish(batch.number);
  const bool is_whole = result.ok() && result->matrix.rows == batch.rows;
  if (is_whole) {
    const Duration whole = clock_.mono() - sent;
    metrics_.on_executed(assembling, result->computing, whole - result->computing);
  }
  std::size_t first = 0;
  for (const QueuedCall& call : batch.calls) {
    const auto rows = static_cast<std::uint32_t>(call.rows);
    if (is_whole) {
      answer(call.number, slice(result->matrix, first, rows));
    } else if (result.ok()) {
      answer(call.number, Failure{FailureKind::kInternal, "the engine answered other rows"});
    } else {
      answer(call.number, to_failure(result.error()));
    }
    first += call.rows;
  }
  step();
}

// Does nothing for a call that was answered at its deadline.
void ServedVersion::answer(CallNumber number, Outcome<Matrix> outcome) {
  const auto at = waiting_.find(number);
  if (at == waiting_.end()) return;
  const Waiting waiting = std::move(at->second);
  waiting_.erase(at);
  const Duration whole = clock_.mono() - waiting.since;
  if (const auto* const failure = std::get_if<Failure>(&outcome)) {
    metrics_.on_failure(failure->kind, false, whole);
  } else {
    metrics_.on_success(waiting.matrix.rows, whole);
  }
  waiting.done(std::move(outcome));
}

}  // namespace squall::reference::server
