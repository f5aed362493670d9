// The timeline of a scenario: which faults, where, how long.
#include <algorithm>
#include <set>

#include "base/nearest.h"
#include "injectors/injector.h"
#include "scenarios/random_keys.h"
#include "scenarios/scenario_keys.h"
#include "scenarios/scenario_parts.h"

namespace squall {
namespace {

void read_length(MapReader& reader, const InjectorRow& row, Problems& problems,
                 TimelineEntry& entry) {
  const YamlNode* node = reader.find("for");
  const std::string kind = quote(row.kind);
  if (row.is_event && node != nullptr) {
    problems.add(*node, kind + " is an event: it happens at once and takes no 'for'");
  } else if (!row.is_event && node == nullptr) {
    problems.add(reader.node(), kind + " needs 'for': how long it lasts");
  } else if (node != nullptr) {
    entry.length = scalar_duration(*node, "for", problems).value_or(Duration{1});
    if (entry.length == Duration{0}) problems.add(*node, "'for' must be longer than 0s");
  }
}

// A name of the user's, or one that we gave ("process.kill@2") in a schedule.
bool is_fault_name(const std::string& name, const std::string& kind) {
  if (is_name(name) || name == kind) return true;
  if (!name.starts_with(kind + "@")) return false;
  return name.find_first_not_of("0123456789", kind.size() + 1) == std::string::npos;
}

TimelineEntry read_entry(const YamlNode& node, ScenarioContext& context) {
  TimelineEntry entry;
  MapReader reader(node, "a timeline entry", context.problems, kTimelineKeys);
  if (!reader.is_map()) return entry;
  read_trigger(reader, context, entry);
  const YamlNode* fault = reader.find("fault");
  if (fault != nullptr) {
    entry.kind = scalar_text(*fault, "fault", context.problems).value_or("");
  }
  entry.id = FaultId(reader.text("name"));
  if (!entry.id.get().empty() && !is_fault_name(entry.id.get(), entry.kind)) {
    context.problems.add(*find_key(node, "name"),
                         quote(entry.id.get()) + " is no name: lower-case letters, digits and " +
                             "'-', a letter first, at most 63");
  }
  entry.is_exercise_expected = reader.boolean("expect-exercised");
  entry.is_consequence_expected = reader.boolean("expect-consequence");
  const InjectorRow* row = find_injector(entry.kind);
  if (row != nullptr) {
    read_length(reader, *row, context.problems, entry);
    const auto implied = read_aim(reader, *row, context, entry);
    entry.params = reader.params(row->params, implied).value_or(Params());
  } else if (!entry.kind.empty()) {
    context.problems.add(*fault, unknown_fault(entry.kind));
  }
  return entry;
}

// Entries without a name are called after their kind: "process.kill", "process.kill@2", ….
void name_entries(const YamlNode& node, ScenarioContext& context) {
  std::set<std::string> names;
  std::vector<TimelineEntry>& timeline = context.scenario.timeline;
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    const std::string& name = timeline[i].id.get();
    if (name.empty() || names.insert(name).second) continue;
    context.problems.add(*find_key(node.items[i], "name"), "duplicate name " + quote(name));
  }
  for (TimelineEntry& entry : timeline) {
    if (!entry.id.get().empty()) continue;
    std::string name = entry.kind;
    for (int n = 2; !names.insert(name).second; ++n) name = entry.kind + "@" + std::to_string(n);
    entry.id = FaultId(name);
  }
}

const TimelineEntry* find_entry(const Scenario& scenario, const FaultId& id) {
  for (const TimelineEntry& entry : scenario.timeline) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

const AfterFault* after_of(const TimelineEntry& entry) {
  return std::get_if<AfterFault>(&entry.trigger);
}

void check_after(const YamlNode& node, ScenarioContext& context, const TimelineEntry& entry) {
  const AfterFault* after = after_of(entry);
  const YamlNode* at = find_key(node, "after");
  if (after == nullptr || at == nullptr || after->fault.get().empty()) return;
  if (find_entry(context.scenario, after->fault) == nullptr) {
    const YamlNode* inside = find_key(*at, "fault");
    context.problems.add(inside != nullptr ? *inside : *at,
                         "no fault is named " + quote(after->fault.get()) +
                             suggestion(after->fault.get(), fault_names(context.scenario)));
    return;
  }
  // Each step follows one edge, so a walk longer than the timeline goes in a circle.
  const TimelineEntry* next = &entry;
  for (std::size_t steps = 0; steps <= context.scenario.timeline.size(); ++steps) {
    const AfterFault* edge = after_of(*next);
    if (edge == nullptr) return;
    next = find_entry(context.scenario, edge->fault);
    if (next == nullptr) return;
    if (next != &entry) continue;
    context.problems.add(*at, quote(entry.id.get()) + " waits for itself");
    return;
  }
}

void check_limit(const YamlNode& node, ScenarioContext& context, const TimelineEntry& entry) {
  const AtTime* trigger = std::get_if<AtTime>(&entry.trigger);
  const YamlNode* at = find_key(node, "at");
  const YamlNode* length = find_key(node, "for");
  const Duration limit = context.scenario.limit;
  const Duration start = trigger == nullptr ? Duration{0} : trigger->until.value_or(trigger->at);
  if (start + entry.length <= limit) return;
  const bool is_late = at != nullptr && (start > limit || length == nullptr);
  if (!is_late && length == nullptr) return;
  const YamlNode& where = is_late ? *at : *length;
  context.problems.add(where, quote(where.text) + " ends after the 'limit' of " + to_text(limit));
}

void read_fixed(const YamlNode& node, ScenarioContext& context) {
  if (node.items.size() > kMaxTimeline) {
    context.problems.add(node, "more than " + std::to_string(kMaxTimeline) + " timeline entries");
    return;
  }
  for (const YamlNode& item : node.items) {
    context.scenario.timeline.push_back(read_entry(item, context));
  }
  name_entries(node, context);
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const TimelineEntry& entry = context.scenario.timeline[i];
    check_after(node.items[i], context, entry);
    check_limit(node.items[i], context, entry);
    check_sides(node.items[i], context, entry);
  }
}

}  // namespace

std::vector<std::string> fault_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const TimelineEntry& entry : scenario.timeline) names.push_back(entry.id.get());
  return names;
}

std::string unknown_fault(const std::string& kind) {
  std::vector<std::string> names;
  for (const InjectorRow& row : injectors()) names.emplace_back(row.kind);
  return "unknown fault " + quote(kind) + suggestion(kind, names);
}

void read_timeline(const YamlNode& node, ScenarioContext& context) {
  if (node.kind == YamlKind::kNull) return;
  if (node.kind == YamlKind::kList) return read_fixed(node, context);
  if (node.kind != YamlKind::kMap) {
    context.problems.add(node, "'timeline' must be a list of faults, or a map with 'random'");
    return;
  }
  MapReader reader(node, "'timeline'", context.problems, kDrawnTimelineKeys);
  const YamlNode* fixed = reader.find("fixed");
  const YamlNode* random = reader.find("random");
  reader.finish();
  if (fixed != nullptr && fixed->kind != YamlKind::kList) {
    context.problems.add(*fixed, "'fixed' must be a list of faults");
  } else if (fixed != nullptr) {
    read_fixed(*fixed, context);
  }
  if (random != nullptr) read_random(*random, context);
}

}  // namespace squall
