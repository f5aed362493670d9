// The event bus: a bounded queue per subscriber.
#include "agent/event_bus.h"

namespace squall {
namespace {

// A watcher that reads nothing for so long loses its oldest events.
constexpr std::size_t kMaxWaiting = 4096;

}  // namespace

std::optional<NodeEvent> EventBus::Subscription::next(Duration timeout) {
  std::unique_lock lock(mutex_);
  (void)changed_.wait_for(lock, timeout, [this] { return is_closed_ || !waiting_.empty(); });
  if (waiting_.empty()) return std::nullopt;
  NodeEvent event = std::move(waiting_.front());
  waiting_.pop_front();
  return event;
}

bool EventBus::Subscription::is_closed() {
  const std::lock_guard lock(mutex_);
  return is_closed_ && waiting_.empty();
}

std::shared_ptr<EventBus::Subscription> EventBus::subscribe() {
  auto subscription = std::make_shared<Subscription>();
  const std::lock_guard lock(mutex_);
  subscription->is_closed_ = is_closed_;
  subscriptions_.push_back(subscription);
  return subscription;
}

void EventBus::publish(const NodeEvent& event) {
  const std::lock_guard lock(mutex_);
  subscriptions_.remove_if([](const auto& one) { return one.expired(); });
  for (const std::weak_ptr<Subscription>& weak : subscriptions_) {
    const std::shared_ptr<Subscription> subscription = weak.lock();
    if (!subscription) continue;
    const std::lock_guard inner(subscription->mutex_);
    if (subscription->waiting_.size() == kMaxWaiting) subscription->waiting_.pop_front();
    subscription->waiting_.push_back(event);
    subscription->changed_.notify_all();
  }
}

void EventBus::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  for (const std::weak_ptr<Subscription>& weak : subscriptions_) {
    const std::shared_ptr<Subscription> subscription = weak.lock();
    if (!subscription) continue;
    const std::lock_guard inner(subscription->mutex_);
    subscription->is_closed_ = true;
    subscription->changed_.notify_all();
  }
}

}  // namespace squall
