// What was answered to requests with an idempotency key, for as long as a caller may try again.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "reference/base/http_message.h"

namespace squall::reference {

// Not thread-safe.  The caller tells the time.
class AnswerMemory {
 public:
  static constexpr Duration kKept = std::chrono::seconds(10);
  static constexpr std::size_t kMaxKeys = 65'536;  // more: the oldest is forgotten

  using Waiter = std::function<void(const HttpResponse&)>;
  enum class Claim {
    kFirst,     // the caller executes the request, and must call settle() or release()
    kJoined,    // somebody executes it; `waiter` gets the answer
    kAnswered,  // `waiter` has been called with the answer
    kMisused,   // the key was used for another request
  };
  // `fingerprint` tells requests apart that should not share a key.
  Claim claim(const std::string& key, std::size_t fingerprint, MonoTime now, const Waiter& waiter);
  // The answer is final: repeat it to whoever asks again.
  void settle(const std::string& key, const HttpResponse& answer, MonoTime now);
  // The request failed.  Those who wait get `answer`; the next one with the key executes again, at
  // `replica` if that may have executed the request ("": anywhere).
  void release(const std::string& key, const HttpResponse& answer, const std::string& replica,
               MonoTime now);
  // Where a request with this key may have been executed; "": nowhere.
  [[nodiscard]] std::string replica_of(const std::string& key) const;

 private:
  enum class State { kRunning, kSettled, kReleased };
  struct Entry {
    State state = State::kRunning;
    std::size_t fingerprint = 0;
    HttpResponse answer{};
    std::string replica{};
    std::vector<Waiter> waiters{};
    MonoTime until{};
  };
  void finish(const std::string& key, State state, const HttpResponse& answer, MonoTime now);
  void forget(MonoTime now);

  std::map<std::string, Entry> entries_{};
  std::deque<std::pair<MonoTime, std::string>> expiries_{};
};

// How often each idempotency key was executed here.  More than once is an effect that happened
// twice.
class Ledger {
 public:
  static constexpr std::size_t kMaxKeys = 65'536;  // more: the oldest is forgotten

  // The new count.
  std::size_t count(const std::string& key);
  // {"counts":{"k1":2,"k2":1}}
  [[nodiscard]] std::string to_json() const;

 private:
  std::map<std::string, std::size_t> counts_{};
  std::deque<std::string> order_{};
};

}  // namespace squall::reference
