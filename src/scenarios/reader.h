// Reading maps of a YAML tree by tables of their keys: what no table has is a problem with the
// nearest name that one has.
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
#include "scenarios/key_spec.h"
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

// A map being read.  Getters return the table's default, or nothing, after they have reported a
// problem; asking for a key that the tables lack, or as another kind of value, is our bug (CHECK).
// The node, the tables and the problems outlive the reader.
class MapReader {
 public:
  // `subject` names the map in messages: "a node", "a timeline entry".  A node that is no map is a
  // problem, and then the reader is empty and says nothing more.
  MapReader(const YamlNode& node, std::string subject, Problems& problems,
            std::span<const KeySpec> keys = {});

  // More keys that this map may have.  A required one that is missing is a problem: "a node needs
  // 'region': REASON".
  void allow(std::span<const KeySpec> keys);

  [[nodiscard]] const YamlNode* find(std::string_view key) const;
  // The key of a group that is given; "" and a problem unless it is exactly one.
  [[nodiscard]] std::string_view one_of(std::string_view group);
  // Allows the keys of the variant that is given, and returns what tells it apart.
  [[nodiscard]] std::string_view one_of(std::span<const KeyVariant> variants);

  [[nodiscard]] std::string text(std::string_view key);
  [[nodiscard]] Duration duration(std::string_view key);
  [[nodiscard]] std::int64_t integer(std::string_view key);
  [[nodiscard]] bool boolean(std::string_view key);
  // The index of the choice.
  [[nodiscard]] std::size_t choice(std::string_view key);
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);

  // All keys that the tables lack, as parameters.  `implied` are parameters that follow from other
  // keys.
  [[nodiscard]] std::optional<Params> params(
      std::span<const ParamSpec> specs, const std::map<std::string, std::string>& implied = {});
  // Reports the keys that the tables lack.  Call it last, unless params() was called.
  void finish();

  [[nodiscard]] const YamlNode& node() const { return node_; }
  [[nodiscard]] const std::string& subject() const { return subject_; }
  [[nodiscard]] bool is_map() const { return node_.kind == YamlKind::kMap; }

 private:
  [[nodiscard]] const KeySpec& spec(std::string_view key) const;
  [[nodiscard]] std::string_view exactly_one(const std::vector<std::string_view>& keys);

  const YamlNode& node_;
  std::string subject_;
  Problems& problems_;
  std::vector<const KeySpec*> specs_;
  std::vector<std::string> names_;  // of the keys and the parameters, in the order of the tables
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
