// The gateway's metrics, by name.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "reference/base/metrics.h"

namespace squall::reference {

// Loop thread only.
class GatewayMetrics {
 public:
  struct Request {
    std::string_view model;
    std::string_view version;
    std::string_view cohort;
    std::string_view region;
    int code = 0;
  };
  GatewayMetrics();

  void on_request(const Request& request, Duration took);
  void on_retry(std::string_view reason);
  void on_retry_denied();
  void on_overload();
  void on_panic();
  void on_ejection(const std::string& replica, const std::string& why);
  void on_repeated();  // an answer from memory
  void set_available(const std::string& replica, bool is_available);
  void set_epoch(const std::string& model, std::int64_t epoch);
  void set_in_flight(std::size_t count);
  void set_watching(bool is_watching);
  void set_registry_revision(std::int64_t revision);

  [[nodiscard]] std::string text() const { return metrics_.text(); }

 private:
  struct Series {
    Counter* requests = nullptr;
    Histogram* seconds = nullptr;
  };
  Metrics metrics_{};
  std::unordered_map<std::string, Series> by_request_{};  // looked up for every request
  Gauge& in_flight_;
  Counter& overloads_;
  Counter& panics_;
  Counter& denied_;
  Counter& repeated_;
  Gauge& watching_;
  Gauge& revision_;
};

}  // namespace squall::reference
