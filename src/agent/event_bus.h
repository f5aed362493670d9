// What happens on a node without being asked for, to everybody who watches.  Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "base/ids.h"
#include "base/time.h"

namespace squall {

// A process of the stack, as people read it: "running", "paused", "exited 1", "killed by 9",
// "restarting".
struct StackProcessStatus {
  std::string name;
  int pid = 0;
  std::string state;
  std::uint32_t restarts = 0;
};
struct LapsedLease {
  FaultId fault;
  MonoTime at;  // at the latest then
};
struct NodeNote {
  std::string text;
};
struct NodeEvent {
  MonoTime at;
  std::variant<StackProcessStatus, LapsedLease, NodeNote> what;
};

class EventBus {
 public:
  class Subscription {
   public:
    // The next event, or nothing when `timeout` passed or the bus was closed.
    [[nodiscard]] std::optional<NodeEvent> next(Duration timeout);
    [[nodiscard]] bool is_closed();

   private:
    friend class EventBus;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<NodeEvent> waiting_;
    bool is_closed_ = false;
  };

  // Lives until the last reference to it is dropped.
  [[nodiscard]] std::shared_ptr<Subscription> subscribe();
  void publish(const NodeEvent& event);
  // No more events: everybody may go home.
  void close();

 private:
  std::mutex mutex_;
  std::list<std::weak_ptr<Subscription>> subscriptions_;
  bool is_closed_ = false;
};

}  // namespace squall
