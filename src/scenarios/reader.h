// Reading maps of a YAML tree: each key is asked for once, and what nobody asked for is a problem
// with the nearest name that somebody did ask for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/params.h"
#include "base/time.h"
#include "scenarios/yaml_tree.h"

namespace squall {

// Lower-case letters, digits and dashes, a letter first, at most 63: names become host names.
[[nodiscard]] bool is_name(std::string_view text);

// What the user wrote, in quotes, cut where it is longer than a line.
[[nodiscard]] std::string quote(std::string_view text);

// The sink of one load.  Not thread-safe.
class Problems {
 public:
  explicit Problems(std::vector<Problem>& list) : list_(list), before_(list.size()) {}
  void add(const YamlNode& at, std::string what, std::size_t offset = 0) {
    list_.push_back(problem_at(at, std::move(what), offset));
  }
  [[nodiscard]] std::size_t count() const { return list_.size() - before_; }
  [[nodiscard]] std::vector<Problem>& list() { return list_; }

 private:
  std::vector<Problem>& list_;
  std::size_t before_;
};

// A map being read.  Getters return the fallback or nothing after they have reported a problem.
// The node and the problems outlive the reader.
class MapReader {
 public:
  // `subject` names the map in messages: "a node", "a timeline entry".  A node that is no map is a
  // problem, and then the reader is empty and says nothing more.
  MapReader(const YamlNode& node, std::string subject, Problems& problems);

  [[nodiscard]] const YamlNode* find(std::string_view key);
  // A missing key is a problem: "a node needs 'region': REASON".
  [[nodiscard]] const YamlNode* require(std::string_view key, std::string_view reason);
  // Also one of several names is asked for, without taking it.
  [[nodiscard]] bool has(std::string_view key) const { return find_key(node_, key) != nullptr; }

  [[nodiscard]] std::string text(std::string_view key, std::string fallback = "");
  [[nodiscard]] Duration duration(std::string_view key, Duration fallback);
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t min,
                                     std::int64_t max);
  [[nodiscard]] bool boolean(std::string_view key, bool fallback);
  // The index of the choice.
  [[nodiscard]] std::size_t choice(std::string_view key, const std::vector<std::string>& choices,
                                   std::size_t fallback);
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);

  // All keys that were not asked for, as parameters of a table.  `implied` are parameters that
  // follow from other keys.
  [[nodiscard]] std::optional<Params> params(
      std::span<const ParamSpec> specs, const std::map<std::string, std::string>& implied = {});
  // Reports the keys that nobody asked for.  Call it last, unless params() was called.
  void finish();

  [[nodiscard]] const YamlNode& node() const { return node_; }
  [[nodiscard]] const std::string& subject() const { return subject_; }
  [[nodiscard]] bool is_map() const { return node_.kind == YamlKind::kMap; }

 private:
  [[nodiscard]] bool is_asked(const std::string& key) const;

  const YamlNode& node_;
  std::string subject_;
  Problems& problems_;
  std::vector<std::string> asked_;
};

// Nothing and a problem unless it is a text of at least one character.
[[nodiscard]] std::optional<std::string> scalar_text(const YamlNode& node, std::string_view key,
                                                     Problems& problems);
// No time in a scenario is longer, so sums of them cannot overflow.
inline constexpr Duration kMaxScenarioTime = std::chrono::hours(24);
[[nodiscard]] Result<Duration> parse_scenario_time(std::string_view text);
[[nodiscard]] std::optional<Duration> scalar_duration(const YamlNode& node, std::string_view key,
                                                      Problems& problems);

}  // namespace squall
