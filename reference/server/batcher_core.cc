// First come, first served; batches form while others are computed.
#include "reference/server/batcher_core.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace squall::reference::server {
namespace {

bool is_expired(const QueuedCall& call, MonoTime now) {
  return call.deadline && *call.deadline <= now;
}

void take_earlier(std::optional<MonoTime>& best, const std::optional<MonoTime>& other) {
  if (other && (!best || *other < *best)) best = other;
}

}  // namespace

bool BatcherCore::offer(const QueuedCall& call, MonoTime now) {
  CHECK(call.rows >= 1 && call.rows <= limits_.max_batch);
  if (queue_.size() >= limits_.queue) return false;
  queue_.push_back({.call = call, .since = now});
  return true;
}

BatchStep BatcherCore::step(MonoTime now) {
  BatchStep step;
  drop_expired(now, step);
  while (!queue_.empty() && computing_.size() < limits_.computing) {
    const Front ready = front();
    if (!ready.is_full && now < queue_.front().since + limits_.delay) break;
    step.batches.push_back(take(ready));
  }
  step.wake = next_wake();
  return step;
}

void BatcherCore::finish(BatchNumber batch) {
  CHECK(computing_.erase(batch) == 1);
}

// Those that are being computed too: the engine may hang, and their callers have given up.
void BatcherCore::drop_expired(MonoTime now, BatchStep& step) {
  std::erase_if(queue_, [&](const Waiting& waiting) {
    if (!is_expired(waiting.call, now)) return false;
    step.expired.push_back(waiting.call.number);
    return true;
  });
  for (auto& [number, calls] : computing_) {
    std::erase_if(calls, [&](const QueuedCall& call) {
      if (!is_expired(call, now)) return false;
      step.expired.push_back(call.number);
      return true;
    });
  }
}

BatcherCore::Front BatcherCore::front() const {
  Front front;
  for (const Waiting& waiting : queue_) {
    if (front.rows + waiting.call.rows > limits_.max_batch) {
      front.is_full = true;
      break;
    }
    front.rows += waiting.call.rows;
    ++front.calls;
  }
  front.is_full = front.is_full || front.rows == limits_.max_batch;
  return front;
}

Batch BatcherCore::take(const Front& front) {
  Batch batch{.number = ++last_batch_, .rows = front.rows};
  for (std::size_t count = 0; count < front.calls; ++count) {
    batch.calls.push_back(queue_.front().call);
    queue_.pop_front();
  }
  computing_.emplace(batch.number, batch.calls);
  return batch;
}

std::optional<MonoTime> BatcherCore::next_wake() const {
  std::optional<MonoTime> wake;
  for (const Waiting& waiting : queue_) take_earlier(wake, waiting.call.deadline);
  for (const auto& [number, calls] : computing_) {
    for (const QueuedCall& call : calls) take_earlier(wake, call.deadline);
  }
  const bool has_room = computing_.size() < limits_.computing;
  if (!queue_.empty() && has_room) take_earlier(wake, queue_.front().since + limits_.delay);
  return wake;
}

}  // namespace squall::reference::server
