// Grant, put, keep alive; from the start again when the lease has run out.
#include "reference/registry/registration.h"

namespace squall::reference {
namespace {

// A third: two refreshes may be lost before the lease runs out.
constexpr int kRefreshesPerLease = 3;
// etcd may be electing; it answers again within its election timeout.
constexpr Duration kRetryPause = std::chrono::milliseconds(200);

}  // namespace

std::string_view to_text(RegistrationEvent event) {
  switch (event) {
    case RegistrationEvent::kRegistered:
      return "registered";
    case RegistrationEvent::kUpdated:
      return "updated";
    case RegistrationEvent::kExpired:
      return "expired";
    case RegistrationEvent::kFailing:
      break;
  }
  return "failing";
}

Registration::Registration(RegistrationPlan plan)
    : plan_(std::move(plan)), client_(plan_.registry), thread_([this] { run(); }) {}

Registration::~Registration() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  client_.cancel();
  thread_.join();
  if (lease_ == 0) return;
  // The cancelled client stays so.  What cannot be revoked now runs out by itself.
  EtcdClient farewell(plan_.registry);
  (void)farewell.revoke_lease(lease_, system_clock().mono() + kRevokeLimit);
}

void Registration::update(std::string value) {
  {
    const std::lock_guard lock(mutex_);
    plan_.value = std::move(value);
    is_value_new_ = true;
  }
  changed_.notify_all();
}

void Registration::tell(RegistrationEvent event, const std::string& what) const {
  if (plan_.on_event) plan_.on_event(event, what);
}

Result<> Registration::refresh() {
  const Duration limit = plan_.time_to_live / kRefreshesPerLease;
  const MonoTime deadline = system_clock().mono() + limit;
  if (lease_ != 0 && TRY(client_.keep_lease(lease_, deadline)) == 0) {
    lease_ = 0;
    is_put_ = false;
    is_registered_ = false;
    tell(RegistrationEvent::kExpired, "");
  }
  std::string value;
  {
    const std::lock_guard lock(mutex_);
    if (lease_ != 0 && !is_value_new_) return {};
    value = plan_.value;
    is_value_new_ = false;
  }
  Result<> done = [&]() -> Result<> {
    if (lease_ == 0) lease_ = TRY(client_.grant_lease(plan_.time_to_live, deadline));
    return client_.put({.key = plan_.key, .value = value}, lease_, deadline);
  }();
  if (!done.ok()) {
    const std::lock_guard lock(mutex_);
    is_value_new_ = true;
    return done;
  }
  tell(is_put_ ? RegistrationEvent::kUpdated : RegistrationEvent::kRegistered, "");
  is_put_ = true;
  return {};
}

void Registration::run() {
  std::unique_lock lock(mutex_);
  bool is_failing = false;
  while (!is_stopping_) {
    lock.unlock();
    const Result<> done = refresh();
    is_registered_ = done.ok();
    if (!done.ok() && !is_failing && done.error().code != Errc::kAborted) {
      tell(RegistrationEvent::kFailing, done.error().what);
    }
    is_failing = !done.ok();
    lock.lock();
    const Duration pause = is_failing ? kRetryPause : plan_.time_to_live / kRefreshesPerLease;
    (void)changed_.wait_for(lock, pause,
                            [&] { return is_stopping_ || (is_value_new_ && !is_failing); });
  }
}

}  // namespace squall::reference
