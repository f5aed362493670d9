// Follows everything below a prefix of the registry on a thread of its own: a snapshot, a watch
// from its revision on, and a read every second that finds out whether the watch is still worth
// something.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "reference/registry/etcd_client.h"
#include "reference/registry/registry_state.h"

namespace squall::reference {

enum class WatchEvent {
  kWatching,   // a watch is open; `what` is the member
  kLost,       // it ended, or its member does not answer; `what` says why
  kCompacted,  // the revisions that we missed are gone: read everything again
  kFailing,    // no member answers; told once until one does
};
[[nodiscard]] std::string_view to_text(WatchEvent event);

struct RegistryWatchPlan {
  std::vector<Endpoint> registry;
  std::string prefix;  // "/squall-ref/"
  // Linearizable: a member without a quorum is left at once.  Serializable: whatever a member says
  // is believed, however old, as long as it answers.
  etcd::ReadMode mode = etcd::ReadMode::kLinearizable;
  // A watch may die without a sign (a partition that drops packets).  What we hold is therefore
  // read again this often, so that nothing is older than check_period + answer_limit while a member
  // of the mode's liking can be reached.
  Duration check_period = std::chrono::seconds(1);
  Duration answer_limit = std::chrono::milliseconds(900);
  // Both are called on the watch's thread.  The state is complete; it is shared, never changed.
  std::function<void(std::shared_ptr<const RegistryState>)> on_state;
  std::function<void(WatchEvent, const std::string& what)> on_event{};
};

class RegistryWatch {
 public:
  explicit RegistryWatch(RegistryWatchPlan plan);
  ~RegistryWatch();
  RegistryWatch(RegistryWatch&&) = delete;

 private:
  void run();
  [[nodiscard]] Result<> check();
  [[nodiscard]] Result<> open();
  [[nodiscard]] Result<> follow(MonoTime until);
  [[nodiscard]] Result<> apply_lines(const std::string& bytes);
  void lose(const Error& error);
  void tell(WatchEvent event, const std::string& what) const;
  void publish();

  RegistryWatchPlan plan_;
  EtcdClient client_;
  // One per member: each may be cancelled from the destructor's thread.
  struct Member {
    Endpoint endpoint;
    std::unique_ptr<EtcdConnection> connection;
  };
  std::vector<Member> streams_;
  Member* open_ = nullptr;  // the member that is watched
  RegistryState state_;
  LineSplitter lines_;
  bool is_failing_ = false;
  std::atomic<bool> is_stopping_{false};
  std::mutex mutex_;
  std::condition_variable stopped_;
  std::thread thread_;
};

}  // namespace squall::reference
