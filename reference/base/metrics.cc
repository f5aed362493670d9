// Writes metrics as text.
#include "reference/base/metrics.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"

namespace squall::reference {
namespace {

std::string number_text(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::string(text.data(), end) : "NaN";
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '\n') {
      result += "\\n";
      continue;
    }
    if (letter == '"' || letter == '\\') result += '\\';
    result += letter;
  }
  return result;
}

// `a="1",b="2"`, without the braces.
std::string labels_text(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ',';
    text += name + "=\"" + escaped(value) + "\"";
  }
  return text;
}

void append_line(std::string& out, const std::string& name, const std::string& labels,
                 const std::string& value) {
  out += name;
  if (!labels.empty()) out += "{" + labels + "}";
  out += " " + value + "\n";
}

void append_histogram(std::string& out, const std::string& name, const std::string& labels,
                      const Histogram& histogram) {
  const std::string front = labels.empty() ? "" : labels + ",";
  std::uint64_t total = 0;
  for (std::size_t at = 0; at < histogram.counts().size(); ++at) {
    total += histogram.counts()[at];
    const std::string edge =
        at < histogram.edges().size() ? number_text(histogram.edges()[at]) : "+Inf";
    append_line(out, name + "_bucket", front + "le=\"" + edge + "\"", std::to_string(total));
  }
  append_line(out, name + "_sum", labels, number_text(histogram.sum()));
  append_line(out, name + "_count", labels, std::to_string(total));
}

}  // namespace

void Histogram::observe(double value) {
  const auto at = std::lower_bound(edges_.begin(), edges_.end(), value) - edges_.begin();
  ++counts_[static_cast<std::size_t>(at)];
  sum_ += value;
}

Metrics::Family& Metrics::family(const std::string& name, std::string_view help, Type type) {
  const auto [at, is_new] = families_.try_emplace(name);
  if (is_new) {
    at->second.type = type;
    at->second.help = help;
  }
  CHECK(at->second.type == type);
  return at->second;
}

Counter& Metrics::counter(const std::string& name, std::string_view help, const Labels& labels) {
  Family& family = this->family(name, help, Type::kCounter);
  const auto [at, is_new] = family.series.try_emplace(labels_text(labels), counters_.size());
  if (is_new) counters_.emplace_back();
  return counters_[at->second];
}

Gauge& Metrics::gauge(const std::string& name, std::string_view help, const Labels& labels) {
  Family& family = this->family(name, help, Type::kGauge);
  const auto [at, is_new] = family.series.try_emplace(labels_text(labels), gauges_.size());
  if (is_new) gauges_.emplace_back();
  return gauges_[at->second];
}

Histogram& Metrics::histogram(const std::string& name, std::string_view help,
                              const std::vector<double>& edges, const Labels& labels) {
  Family& family = this->family(name, help, Type::kHistogram);
  const auto [at, is_new] = family.series.try_emplace(labels_text(labels), histograms_.size());
  if (is_new) histograms_.emplace_back(edges);
  return histograms_[at->second];
}

void Metrics::append_series(std::string& out, const std::string& name, const Family& family,
                            const std::string& labels, std::size_t index) const {
  switch (family.type) {
    case Type::kCounter:
      return append_line(out, name, labels, std::to_string(counters_[index].value()));
    case Type::kGauge:
      return append_line(out, name, labels, number_text(gauges_[index].value()));
    case Type::kHistogram:
      return append_histogram(out, name, labels, histograms_[index]);
  }
}

std::string Metrics::text() const {
  constexpr std::array kTypes = {"counter", "gauge", "histogram"};
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " " + family.help + "\n";
    out += "# TYPE " + name + " " + kTypes.at(static_cast<std::size_t>(family.type)) + "\n";
    for (const auto& [labels, index] : family.series) {
      append_series(out, name, family, labels, index);
    }
  }
  return out;
}

}  // namespace squall::reference
