// `timeline: {random: {…}}`: what the seed draws, and whether it can.
#include <algorithm>
#include <charconv>
#include <set>

#include "base/nearest.h"
#include "scenarios/random_keys.h"
#include "scenarios/random_values.h"
#include "scenarios/scenario_keys.h"
#include "scenarios/scenario_parts.h"

namespace squall {
namespace {

constexpr std::size_t kMaxAlternatives = 100;

struct Counts {
  std::int64_t min = 1;
  std::int64_t max = 1;
};

std::optional<std::int64_t> whole(std::string_view text, const KeySpec& key) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  if (!is_whole || number < key.min || number > key.max) return std::nullopt;
  return number;
}

// "5" or "3..8".
Counts read_counts(const YamlNode& node, const KeySpec& key, Problems& problems) {
  const std::string text = scalar_text(node, key.name, problems).value_or("");
  if (text.empty()) return {};
  const ValueRange range = split_range(text);
  const auto min = whole(range.low, key);
  const auto max = whole(range.high, key);
  if (min && max && *min <= *max) return {*min, *max};
  const std::string why = min && max
                              ? " ends before it begins"
                              : " is no whole number, or two as a range such as 3..8, from " +
                                    std::to_string(key.min) + " to " + std::to_string(key.max);
  problems.add(node, quote(key.name) + ": " + quote(text) + why);
  return {};
}

const KeySpec& random_key(std::string_view name) {
  return *std::find_if(kRandomKeys.begin(), kRandomKeys.end(),
                       [name](const KeySpec& key) { return key.name == name; });
}

// A rate that gives no whole number of faults is rounded both ways.
Counts counts_of_rate(const Counts& rate, Duration length) {
  const auto faults = [length](std::int64_t in_a_minute) {
    return static_cast<double>(in_a_minute) * std::chrono::duration<double>(length).count() / 60;
  };
  const auto min = static_cast<std::int64_t>(faults(rate.min));
  const double max = faults(rate.max);
  const auto below = static_cast<std::int64_t>(max);
  return {std::max<std::int64_t>(min, 1), max > static_cast<double>(below) ? below + 1 : below};
}

void read_number(MapReader& reader, RandomTimeline& random, Problems& problems) {
  const std::string_view given = reader.one_of("number");
  if (given.empty()) return;
  const YamlNode& node = *reader.find(given);
  Counts counts = read_counts(node, random_key(given), problems);
  if (given == "rate") counts = counts_of_rate(counts, random.length);
  random.count_min = counts.min;
  random.count_max = counts.max;
  if (counts.max < 1 || counts.max > kMaxDrawn) {
    problems.add(node, "'rate': " + quote(node.text) + " makes " + std::to_string(counts.max) +
                           " faults in 'length'; from 1 to " + std::to_string(kMaxDrawn) +
                           " can be drawn");
    random.count_max = random.count_min;
  }
}

bool is_structure(std::string_view key) {
  const auto has = [key](std::span<const KeySpec> keys) {
    return std::any_of(keys.begin(), keys.end(),
                       [key](const KeySpec& spec) { return spec.name == key; });
  };
  return has(kRandomFaultKeys) || has(kNodePairKeys) || has(kProcessKeys);
}

const ParamSpec* find_param(const InjectorRow& row, std::string_view name) {
  for (const ParamSpec& spec : row.params) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

// The values of one parameter: one, a range or a list.
DrawnValue read_drawn(const YamlNode& node, const std::string& name, const ParamSpec* spec,
                      Problems& problems) {
  DrawnValue value;
  if (node.kind == YamlKind::kList) {
    if (node.items.size() > kMaxAlternatives) {
      problems.add(node, quote(name) + " lists more than " + std::to_string(kMaxAlternatives) +
                             " values to draw from");
    }
    for (const YamlNode& item : node.items) {
      if (auto text = scalar_text(item, name, problems)) value.choices.push_back(std::move(*text));
    }
    return value;
  }
  const std::string text = scalar_text(node, name, problems).value_or("");
  const ValueRange range = split_range(text);
  value.is_range = range.is_range && spec != nullptr && is_ordered(spec->type);
  value.choices = value.is_range
                      ? std::vector<std::string>{std::string(range.low), std::string(range.high)}
                      : std::vector<std::string>{text};
  return value;
}

// The map with the n-th value of each parameter, so that it reads like a fixed entry.
YamlNode with_choices(const YamlNode& node, const std::map<std::string, DrawnValue>& params,
                      std::size_t n) {
  YamlNode copy = node;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto found = params.find(node.keys[i].text);
    if (found == params.end() || found->second.choices.empty()) continue;
    copy.items[i].kind = YamlKind::kScalar;
    copy.items[i].items.clear();
    copy.items[i].text = found->second.choices[std::min(n, found->second.choices.size() - 1)];
  }
  return copy;
}

void check_order(const YamlNode& node, const RandomFault& fault, const Params& low,
                 const Params& high, const InjectorRow& row, Problems& problems) {
  for (const auto& [name, value] : fault.params) {
    if (!value.is_range) continue;
    const ParamSpec& spec = *find_param(row, name);
    if (!is_before(spec, high, low)) continue;
    problems.add(*find_key(node, name), quote(name) + ": " +
                                            quote(value.choices[0] + ".." + value.choices[1]) +
                                            " ends before it begins");
  }
}

// Every value that can be drawn passes the kind's own table.
void check_values(const YamlNode& node, RandomFault& fault, const InjectorRow& row,
                  const std::map<std::string, std::string>& implied, const Params& first,
                  Problems& problems) {
  std::size_t most = 1;
  for (const auto& [name, value] : fault.params) most = std::max(most, value.choices.size());
  for (std::size_t n = 1; n < most; ++n) {
    const YamlNode copy = with_choices(node, fault.params, n);
    const std::size_t before = problems.count();
    MapReader reader(copy, "a fault of 'random'", problems, kRandomFaultKeys);
    reader.allow(aim_keys(row.aim));
    if (!implied.empty()) reader.allow(kNodePairImplied);
    const std::optional<Params> params = reader.params(row.params, implied);
    if (problems.count() > before) return;
    if (n == 1 && params) check_order(node, fault, first, *params, row, problems);
  }
}

void read_lengths(const YamlNode& node, MapReader& reader, const InjectorRow& row,
                  const RandomTimeline& random, RandomFault& fault, Problems& problems) {
  const YamlNode* given = reader.find("for");
  const std::string kind = quote(row.kind);
  const bool is_swizzle = random.pattern == RandomPattern::kSwizzle;
  if (row.is_event && is_swizzle) {
    problems.add(node, kind + " is an event, and a swizzle draws when each fault heals");
  } else if (row.is_event && given != nullptr) {
    problems.add(*given, kind + " is an event: it happens at once and takes no 'for'");
  } else if (row.is_event && find_param(row, "restart-after") != nullptr &&
             !fault.params.contains("restart-after")) {
    problems.add(node, kind + " needs 'restart-after' here: all that was drawn is healed before " +
                           "the liveness phase");
  } else if (is_swizzle && given != nullptr) {
    problems.add(*given, "a swizzle draws when each fault heals, so it takes no 'for'");
  } else if (!row.is_event && !is_swizzle && given == nullptr) {
    problems.add(node, kind + " needs 'for': how long it lasts, such as 1s..5s");
  }
  if (row.is_event || is_swizzle || given == nullptr) return;
  const std::string text = scalar_text(*given, "for", problems).value_or("");
  const ValueRange range = split_range(text);
  const Result<Duration> low = parse_scenario_time(range.low);
  const Result<Duration> high = parse_scenario_time(range.high);
  if (text.empty()) return;
  if (!low || !high) {
    problems.add(*given, "'for': " + (low ? high : low).error().what, low ? range.high_offset : 0);
  } else if (*high < *low || *low == Duration{0}) {
    problems.add(*given, *high < *low ? "'for': " + quote(text) + " ends before it begins"
                                      : "'for' must be longer than 0s");
  } else {
    fault.length_min = *low;
    fault.length_max = *high;
  }
}

std::map<std::string, DrawnValue> read_all_drawn(const YamlNode& node, const InjectorRow& row,
                                                 Problems& problems) {
  std::map<std::string, DrawnValue> params;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& name = node.keys[i].text;
    if (is_structure(name) || name == "direction") continue;
    DrawnValue value = read_drawn(node.items[i], name, find_param(row, name), problems);
    if (!value.choices.empty()) params[name] = std::move(value);
  }
  return params;
}

void read_kind(const YamlNode& node, const InjectorRow& row, ScenarioContext& context,
               RandomFault& fault) {
  Problems& problems = context.problems;
  fault.params = read_all_drawn(node, row, problems);
  const YamlNode copy = with_choices(node, fault.params, 0);
  MapReader reader(copy, "a fault of 'random'", problems, kRandomFaultKeys);
  fault.name = reader.text("name");
  if (!fault.name.empty() && !is_name(fault.name)) {
    problems.add(*reader.find("name"), quote(fault.name) + " is no name: lower-case letters, " +
                                           "digits and '-', a letter first, at most 63");
  }
  fault.weight = reader.integer("weight");
  fault.is_exercise_expected = reader.boolean("expect-exercised");
  fault.is_consequence_expected = reader.boolean("expect-consequence");
  read_lengths(node, reader, row, *context.scenario.random, fault, problems);
  TimelineEntry entry;
  entry.kind = fault.kind;
  const auto implied = read_aim(reader, row, context, entry);
  fault.sides = std::move(entry.sides);
  const auto direction = implied.find("direction");
  fault.is_one_way = direction != implied.end() && direction->second == "one-way";
  const std::optional<Params> first = reader.params(row.params, implied);
  if (first && !fault.sides.empty()) check_values(node, fault, row, implied, *first, problems);
}

void read_fault(const YamlNode& node, ScenarioContext& context) {
  RandomFault& fault = context.scenario.random->faults.emplace_back();
  const YamlNode* kind = find_key(node, "fault");
  if (node.kind != YamlKind::kMap || kind == nullptr) {
    // Says what it must be, and which key it needs.
    const MapReader reader(node, "a fault of 'random'", context.problems, kRandomFaultKeys);
    return;
  }
  fault.kind = scalar_text(*kind, "fault", context.problems).value_or("");
  if (fault.kind.empty()) return;
  const InjectorRow* row = find_injector(fault.kind);
  if (row == nullptr) return context.problems.add(*kind, unknown_fault(fault.kind));
  read_kind(node, *row, context, fault);
}

// Kinds without a name are called after their last word: "kill", "kill2", ….
void name_kinds(const YamlNode& node, ScenarioContext& context) {
  std::set<std::string> names;
  std::vector<RandomFault>& faults = context.scenario.random->faults;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (faults[i].name.empty() || names.insert(faults[i].name).second) continue;
    context.problems.add(*find_key(node.items[i], "name"),
                         "duplicate name " + quote(faults[i].name));
  }
  for (RandomFault& fault : faults) {
    if (!fault.name.empty()) continue;
    const std::string word = fault.kind.substr(fault.kind.rfind('.') + 1);
    fault.name = word;
    for (int n = 2; !names.insert(fault.name).second; ++n) fault.name = word + std::to_string(n);
  }
}

// "kill-3" is what a drawn fault may be called, so no fixed one can have that name.
void check_names(const YamlNode& node, ScenarioContext& context) {
  for (const TimelineEntry& entry : context.scenario.timeline) {
    const std::string& id = entry.id.get();
    const std::size_t dash = id.rfind('-');
    const bool has_number = dash != std::string::npos && dash + 1 < id.size() &&
                            id.find_first_not_of("0123456789", dash + 1) == std::string::npos;
    for (const RandomFault& fault : context.scenario.random->faults) {
      if (!has_number || fault.name != id.substr(0, dash)) continue;
      context.problems.add(
          node, "the fixed fault " + quote(id) + " has a name that a drawn one can get; rename it");
    }
  }
}

// How long one of these is active at least; of a swizzle nobody knows.
Duration active_min(const RandomFault& fault) {
  const auto restart = fault.params.find("restart-after");
  if (restart == fault.params.end()) return fault.length_min;
  Duration least = kMaxScenarioTime;
  for (const std::string& text : restart->second.choices) {
    least = std::min(least, parse_duration(text).value_or(least));
  }
  return least;
}

// What no drawing could keep.
void check_room(MapReader& reader, ScenarioContext& context) {
  const RandomTimeline& random = *context.scenario.random;
  Problems& problems = context.problems;
  const YamlNode& length = *reader.find("length");
  if (random.length > context.scenario.limit) {
    problems.add(length, "'length' is over the 'limit' of " + to_text(context.scenario.limit));
  }
  const bool is_swizzle = random.pattern == RandomPattern::kSwizzle;
  const Duration room = is_swizzle ? random.length / 2 : random.length;
  if (random.gap * (random.count_max - 1) > room || random.length == Duration{0}) {
    problems.add(length, std::to_string(random.count_max) + " faults with a 'gap' of " +
                             to_text(random.gap) + " do not fit into " + to_text(room) +
                             (is_swizzle ? ", half of the 'length'" : ""));
  }
  Duration least = kMaxScenarioTime;
  for (const RandomFault& fault : random.faults) {
    const Duration active = active_min(fault);
    least = std::min(least, active);
    if (is_swizzle || std::max(active, fault.length_max) <= random.length) continue;
    problems.add(length, quote(fault.name) + " can last longer than 'length'");
  }
  if (is_swizzle || random.faults.empty()) return;
  if (least * random.count_min > random.length * random.at_once) {
    problems.add(length, std::to_string(random.count_min) + " faults of " + to_text(least) +
                             " or more, " + std::to_string(random.at_once) +
                             " at once, do not fit into " + to_text(random.length));
  }
}

void read_faults(const YamlNode& node, ScenarioContext& context) {
  const bool is_right = node.kind == YamlKind::kList && !node.items.empty() &&
                        node.items.size() <= static_cast<std::size_t>(kMaxDrawnKinds);
  if (!is_right) {
    context.problems.add(node, "'faults' must be a list of 1 to " + std::to_string(kMaxDrawnKinds) +
                                   " kinds to draw from");
    return;
  }
  for (const YamlNode& item : node.items) read_fault(item, context);
  name_kinds(node, context);
  check_names(node, context);
}

}  // namespace

void read_random(const YamlNode& node, ScenarioContext& context) {
  const std::size_t before = context.problems.count();
  MapReader reader(node, "'random'", context.problems, kRandomKeys);
  if (!reader.is_map()) return;
  RandomTimeline& random = context.scenario.random.emplace();
  const YamlNode* length = reader.find("length");
  if (length != nullptr) {
    random.length = scalar_duration(*length, "length", context.problems).value_or(Duration{0});
  }
  random.liveness = reader.duration("liveness");
  random.gap = reader.duration("gap");
  random.at_once = reader.integer("at-once");
  random.pattern = reader.choice("pattern") == 1 ? RandomPattern::kSwizzle : RandomPattern::kFree;
  if (random.length > Duration{0}) read_number(reader, random, context.problems);
  const YamlNode* at_once = reader.find("at-once");
  if (random.pattern == RandomPattern::kSwizzle && at_once != nullptr) {
    context.problems.add(*at_once, "in a swizzle all faults are active together: set 'count'");
  }
  const YamlNode* faults = reader.find("faults");
  reader.finish();
  if (faults != nullptr) read_faults(*faults, context);
  if (context.problems.count() == before) check_room(reader, context);
}

}  // namespace squall
