// Metrics in Prometheus' text format, version 0.0.4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::reference {

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

// In the order given; values may hold any text.
using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  void add(std::uint64_t count = 1) { value_ += count; }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

class Gauge {
 public:
  void set(double value) { value_ = value; }
  void add(double difference) { value_ += difference; }
  [[nodiscard]] double value() const { return value_; }

 private:
  double value_ = 0;
};

class Histogram {
 public:
  // Upper edges, ascending, without +Inf.
  explicit Histogram(std::vector<double> edges)
      : edges_(std::move(edges)), counts_(edges_.size() + 1) {}
  void observe(double value);

  [[nodiscard]] const std::vector<double>& edges() const { return edges_; }
  [[nodiscard]] const std::vector<std::uint64_t>& counts() const { return counts_; }  // each bucket
  [[nodiscard]] double sum() const { return sum_; }

 private:
  std::vector<double> edges_;
  std::vector<std::uint64_t> counts_;
  double sum_ = 0;
};

// Owns all metrics of a program.  References stay valid; the same name and labels are the same
// metric.  Not thread-safe: loop thread only.
class Metrics {
 public:
  Counter& counter(const std::string& name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, std::string_view help, const Labels& labels = {});
  // All histograms of a name have the edges of its first.
  Histogram& histogram(const std::string& name, std::string_view help,
                       const std::vector<double>& edges, const Labels& labels = {});
  // Families by name, series by labels.
  [[nodiscard]] std::string text() const;

 private:
  enum class Type { kCounter, kGauge, kHistogram };
  struct Family {
    Type type = Type::kCounter;
    std::string help{};
    std::map<std::string, std::size_t> series{};  // labels as text → index in its deque
  };
  Family& family(const std::string& name, std::string_view help, Type type);
  void append_series(std::string& out, const std::string& name, const Family& family,
                     const std::string& labels, std::size_t index) const;

  std::map<std::string, Family> families_{};
  std::deque<Counter> counters_{};
  std::deque<Gauge> gauges_{};
  std::deque<Histogram> histograms_{};
};

}  // namespace squall::reference
