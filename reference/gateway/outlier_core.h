// Which replicas may be used: active probes and, beside them, what the requests themselves met.
// Pure: the caller tells the time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace squall::reference {

// kProgress: a replica is asked whether it gets work done (/v2/health/ready), and one whose
// requests fail, or are much slower than its neighbours', is ejected for a while. kProcess: a
// replica is asked whether its process answers (/v2/health/live), and that is all.
enum class HealthPolicy { kProgress, kProcess };
[[nodiscard]] Result<HealthPolicy> health_from_text(std::string_view text);

struct OutlierRules {
  HealthPolicy policy = HealthPolicy::kProgress;
  bool ejects_slow = true;
  int probes_lost = 2;        // without any answer, before a replica is unavailable
  int failures_in_a_row = 3;  // of requests, before a replica is ejected
  Duration ejection_min = std::chrono::seconds(1);   // doubles with each ejection …
  Duration ejection_max = std::chrono::seconds(10);  // … up to this
  double ejected_max = 0.5;                          // of all replicas; one may always be ejected
  // Slow: its median over a window is slow_factor times that of its region's others, and slow_least
  // more, both from at least slow_samples requests.
  Duration window = std::chrono::seconds(1);
  double slow_factor = 3;
  Duration slow_least = std::chrono::milliseconds(5);
  std::size_t slow_samples = 10;
};

enum class ProbeAnswer { kGood, kBad, kNone };  // kBad: an answer that says no
enum class RequestEnd {
  kGood,     // an answer, whatever it says about the request
  kFailure,  // no answer in time, a broken connection, a server's error
  kRefusal,  // 503: the replica is busy, and ejecting it would only make the others busier
};

enum class OutlierEventKind { kUnavailable, kAvailable, kEjected, kReturned, kSpared };
[[nodiscard]] std::string_view to_text(OutlierEventKind kind);

struct OutlierEvent {
  OutlierEventKind kind{};
  std::string replica;
  std::string why;     // "probe", "failures", "slow"
  Duration length{0};  // kEjected: how long
  friend bool operator==(const OutlierEvent&, const OutlierEvent&) = default;
};

class OutlierCore {
 public:
  // Requests of a window that are looked at, per replica.
  static constexpr std::size_t kMaxSamples = 4096;
  // A replica that went this long without an ejection starts again with the shortest one.
  static constexpr int kForgivenAfter = 5;  // times ejection_max

  explicit OutlierCore(OutlierRules rules) : rules_(rules) {}

  // A new replica is unavailable until a probe was good.
  void add(const std::string& replica, const std::string& region);
  void remove(std::string_view replica);
  void on_probe(std::string_view replica, ProbeAnswer answer);
  void on_request(std::string_view replica, RequestEnd end, Duration latency, MonoTime now);
  // Ends ejections, and judges the windows that are over.  Call it at least every rules.window / 2.
  void on_tick(MonoTime now);

  [[nodiscard]] bool is_available(std::string_view replica) const;
  [[nodiscard]] bool is_ejected(std::string_view replica) const;
  // What has happened since the last call.
  [[nodiscard]] std::vector<OutlierEvent> take_events();

 private:
  struct State {
    std::string region{};
    bool is_probed_good = false;
    int probes_lost = 0;
    int failures = 0;
    bool is_ejected = false;
    int ejections = 0;
    MonoTime ejected_until{};
    std::vector<Duration> latencies{};
  };
  using Replica = std::map<std::string, State, std::less<>>::value_type;

  void eject(Replica& replica, const std::string& why, MonoTime now);
  [[nodiscard]] bool is_slow(const Replica& replica,
                             const std::map<std::string_view, Duration>& medians) const;
  void judge_latencies(MonoTime now);
  void tell(OutlierEventKind kind, std::string_view replica, std::string why, Duration length = {});

  OutlierRules rules_;
  std::map<std::string, State, std::less<>> replicas_{};
  std::vector<OutlierEvent> events_{};
  MonoTime window_end_{};
};

}  // namespace squall::reference
