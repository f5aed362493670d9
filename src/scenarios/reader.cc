// Typed access to YAML maps, with a problem for everything that does not fit.
#include "scenarios/reader.h"

#include <algorithm>
#include <charconv>

#include "base/nearest.h"

namespace squall {
namespace {

constexpr std::size_t kMaxName = 63;
constexpr std::size_t kMaxQuoted = 80;

std::string_view kind_text(YamlKind kind) {
  switch (kind) {
    case YamlKind::kNull:
      return "nothing";
    case YamlKind::kScalar:
      return "a text";
    case YamlKind::kList:
      return "a list";
    case YamlKind::kMap:
      return "a map";
  }
  return "";
}

// A list of words stands for the words with spaces between them: `command: [python3, client.py]`.
std::optional<std::string> param_text(const YamlNode& node, const std::string& key,
                                      Problems& problems) {
  if (node.kind != YamlKind::kList) return scalar_text(node, key, problems);
  std::string joined;
  for (const YamlNode& item : node.items) {
    const std::optional<std::string> word = scalar_text(item, key, problems);
    if (!word) return std::nullopt;
    if (word->find_first_of(" \t\n") != std::string::npos) {
      problems.add(item, quote(*word) + " has a space; the words of '" + key + "' cannot");
      return std::nullopt;
    }
    joined += (joined.empty() ? "" : " ") + *word;
  }
  if (!joined.empty()) return joined;
  problems.add(node, quote(key) + " is empty; leave the key out");
  return std::nullopt;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string quote(std::string_view text) {
  if (text.size() <= kMaxQuoted) return "'" + std::string(text) + "'";
  return "'" + std::string(text.substr(0, kMaxQuoted)) + "…'";
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxName || text.back() == '-') return false;
  if (text[0] < 'a' || text[0] > 'z') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string Problem::to_text() const {
  if (line == 0) return file + ": " + what;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + what;
}

std::optional<std::string> scalar_text(const YamlNode& node, std::string_view key,
                                       Problems& problems) {
  if (node.kind == YamlKind::kScalar && !node.text.empty()) return node.text;
  if (node.kind == YamlKind::kScalar || node.kind == YamlKind::kNull) {
    problems.add(node, quote(key) + " is empty; leave the key out");
  } else {
    problems.add(node, quote(key) + " must be a text, not " + std::string(kind_text(node.kind)));
  }
  return std::nullopt;
}

Result<Duration> parse_scenario_time(std::string_view text) {
  const Duration parsed = TRY(parse_duration(text));
  if (parsed <= kMaxScenarioTime) return parsed;
  return Error{Errc::kInvalid, quote(text) + " is over the limit of " + to_text(kMaxScenarioTime)};
}

std::optional<Duration> scalar_duration(const YamlNode& node, std::string_view key,
                                        Problems& problems) {
  const std::optional<std::string> text = scalar_text(node, key, problems);
  if (!text) return std::nullopt;
  const Result<Duration> parsed = parse_scenario_time(*text);
  if (parsed) return *parsed;
  problems.add(node, quote(key) + ": " + parsed.error().what);
  return std::nullopt;
}

MapReader::MapReader(const YamlNode& node, std::string subject, Problems& problems,
                     std::span<const KeySpec> keys)
    : node_(node), subject_(std::move(subject)), problems_(problems) {
  if (!is_map()) {
    problems_.add(node_, subject_ + " must be a map, not " + std::string(kind_text(node_.kind)));
  }
  allow(keys);
}

void MapReader::allow(std::span<const KeySpec> keys) {
  for (const KeySpec& key : keys) {
    specs_.push_back(&key);
    names_.emplace_back(key.name);
    if (key.fallback != kRequired || !is_map() || find_key(node_, key.name) != nullptr) continue;
    problems_.add(node_, subject_ + " needs " + quote(key.name) + ": " + std::string(key.help));
  }
}

const KeySpec& MapReader::spec(std::string_view key) const {
  const auto found = std::find_if(specs_.begin(), specs_.end(),
                                  [key](const KeySpec* spec) { return spec->name == key; });
  CHECK(found != specs_.end());
  return **found;
}

const YamlNode* MapReader::find(std::string_view key) const {
  return find_key(node_, spec(key).name);
}

std::string_view MapReader::exactly_one(const std::vector<std::string_view>& keys) {
  std::string_view given;
  std::size_t count = 0;
  std::string list;
  for (const std::string_view key : keys) {
    if (!list.empty()) list += key == keys.back() ? " and " : ", ";
    list += quote(key);
    if (find_key(node_, key) == nullptr) continue;
    given = key;
    ++count;
  }
  if (count == 1) return given;
  if (is_map()) problems_.add(node_, subject_ + " needs exactly one of " + list);
  return "";
}

std::string_view MapReader::one_of(std::string_view group) {
  std::vector<std::string_view> keys;
  for (const KeySpec* key : specs_) {
    if (key->group == group) keys.push_back(key->name);
  }
  return exactly_one(keys);
}

std::string_view MapReader::one_of(std::span<const KeyVariant> variants) {
  std::vector<std::string_view> keys;
  for (const KeyVariant& variant : variants) keys.push_back(variant.key);
  const std::string_view given = exactly_one(keys);
  for (const KeyVariant& variant : variants) {
    if (variant.key == given) allow(variant.keys);
  }
  return given;
}

std::string MapReader::text(std::string_view key) {
  const std::string_view fallback = spec(key).fallback;
  std::string text(fallback == kRequired ? "" : fallback);
  const YamlNode* found = find(key);
  if (found == nullptr) return text;
  return scalar_text(*found, key, problems_).value_or(std::move(text));
}

Duration MapReader::duration(std::string_view key) {
  CHECK(spec(key).kind == KeyKind::kDuration);
  const Duration fallback = parse_duration(spec(key).fallback).value();
  const YamlNode* found = find(key);
  if (found == nullptr) return fallback;
  return scalar_duration(*found, key, problems_).value_or(fallback);
}

std::int64_t MapReader::integer(std::string_view key) {
  const KeySpec& wanted = spec(key);
  CHECK(wanted.kind == KeyKind::kInteger);
  const std::int64_t fallback = whole_number(wanted.fallback).value_or(0);
  const YamlNode* found = find(key);
  if (found == nullptr) return fallback;
  const std::optional<std::string> text = scalar_text(*found, key, problems_);
  if (!text) return fallback;
  const std::optional<std::int64_t> number = whole_number(*text);
  if (number && *number >= wanted.min && *number <= wanted.max) return *number;
  problems_.add(*found, quote(key) + ": " + quote(*text) + " is not a whole number from " +
                            std::to_string(wanted.min) + " to " + std::to_string(wanted.max));
  return fallback;
}

bool MapReader::boolean(std::string_view key) {
  CHECK(spec(key).kind == KeyKind::kBoolean);
  const bool fallback = spec(key).fallback == "true";
  const YamlNode* found = find(key);
  if (found == nullptr) return fallback;
  const std::optional<std::string> text = scalar_text(*found, key, problems_);
  if (!text || *text == "true" || *text == "false") return text ? *text == "true" : fallback;
  problems_.add(*found, quote(key) + ": " + quote(*text) + " is neither true nor false");
  return fallback;
}

std::size_t MapReader::choice(std::string_view key) {
  CHECK(spec(key).kind == KeyKind::kChoice);
  const std::vector<std::string> choices = split_choices(spec(key).choices);
  const auto index_of = [&choices](std::string_view text) {
    const auto found = std::find(choices.begin(), choices.end(), text);
    return static_cast<std::size_t>(found - choices.begin());
  };
  // A required one that is missing has been reported; the first stands in for it.
  const std::size_t fallback = index_of(spec(key).fallback) % choices.size();
  const YamlNode* found = find(key);
  if (found == nullptr) return fallback;
  const std::optional<std::string> text = scalar_text(*found, key, problems_);
  if (!text) return fallback;
  const std::size_t chosen = index_of(*text);
  if (chosen < choices.size()) return chosen;
  problems_.add(*found,
                quote(key) + ": " + quote(*text) + " is not known" + suggestion(*text, choices));
  return fallback;
}

std::vector<std::string> MapReader::texts(std::string_view key) {
  std::vector<std::string> list;
  const YamlNode* found = find(key);
  if (found == nullptr) return list;
  if (found->kind != YamlKind::kList) {
    problems_.add(*found,
                  quote(key) + " must be a list, not " + std::string(kind_text(found->kind)));
    return list;
  }
  for (const YamlNode& item : found->items) {
    if (const auto text = scalar_text(item, key, problems_)) list.push_back(*text);
  }
  return list;
}

std::optional<Params> MapReader::params(std::span<const ParamSpec> specs,
                                        const std::map<std::string, std::string>& implied) {
  const std::vector<std::string> structure = names_;
  for (const ParamSpec& spec : specs) names_.emplace_back(spec.name);
  const std::size_t before = problems_.count();
  finish();

  std::map<std::string, RawParam> given;
  for (const auto& [name, text] : implied) given[name] = RawParam{text, 0, 0};
  for (const ParamSpec& spec : specs) {
    const std::string name(spec.name);
    const YamlNode* value = find_key(node_, name);
    // A key that already means something to every entry is not the parameter's.
    const bool is_taken = std::find(structure.begin(), structure.end(), name) != structure.end();
    if (value == nullptr || is_taken) continue;
    if (const auto text = param_text(*value, name, problems_)) given[name] = RawParam{*text, 0, 0};
  }
  if (problems_.count() > before) return std::nullopt;
  std::vector<ParamProblem> found;
  Result<Params> params = make_params(specs, given, found);
  for (const ParamProblem& problem : found) {
    const YamlNode* value = find_key(node_, problem.name);
    problems_.add(value == nullptr ? node_ : *value, problem.what);
  }
  if (!params) return std::nullopt;
  return std::move(params).value();
}

void MapReader::finish() {
  for (const YamlNode& key : node_.keys) {
    if (std::find(names_.begin(), names_.end(), key.text) != names_.end()) continue;
    // Comparing letters is quadratic, and nothing of ours is that long.
    const bool is_long = key.text.size() > kMaxQuoted;
    problems_.add(key, "unknown key " + quote(key.text) + " in " + subject_ +
                           (is_long ? "" : suggestion(key.text, names_)));
  }
}

}  // namespace squall
