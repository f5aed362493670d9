// A key in the registry that lives as long as its owner: a lease, the key under it, and a thread
// that keeps it alive.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "reference/registry/etcd_client.h"

namespace squall::reference {

enum class RegistrationEvent {
  kRegistered,  // the key is there, under a live lease
  kUpdated,     // with a new value
  kExpired,     // the registry had forgotten us; we come back by ourselves
  kFailing,     // a member, or all, did not answer; told once until something works again
};
[[nodiscard]] std::string_view to_text(RegistrationEvent event);

struct RegistrationPlan {
  std::vector<Endpoint> registry;
  std::string key;    // "/squall-ref/replicas/m1"
  std::string value;  // JSON
  Duration time_to_live = std::chrono::seconds(3);
  // Called on the registration's thread; `what` is the cause of kFailing.
  std::function<void(RegistrationEvent, const std::string& what)> on_event{};
};

// Starts at once and never blocks its owner.  Serving goes on while the registry is away: the lease
// may run out, and the key comes back with a new one.
class Registration {
 public:
  explicit Registration(RegistrationPlan plan);
  // Takes the key away by revoking the lease (waits for it at most kRevokeLimit).
  ~Registration();
  Registration(Registration&&) = delete;

  // Replaces the value.  Thread-safe.
  void update(std::string value);
  // Whether the last word from the registry was good.  Thread-safe.
  [[nodiscard]] bool is_registered() const { return is_registered_; }

  static constexpr Duration kRevokeLimit = std::chrono::milliseconds(500);

 private:
  void run();
  [[nodiscard]] Result<> refresh();
  void tell(RegistrationEvent event, const std::string& what) const;

  RegistrationPlan plan_;
  EtcdClient client_;
  std::int64_t lease_ = 0;  // 0: none
  bool is_put_ = false;     // the key is under it
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_value_new_ = true;
  bool is_stopping_ = false;
  std::atomic<bool> is_registered_{false};
  std::thread thread_;
};

}  // namespace squall::reference
