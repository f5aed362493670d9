// Where a fault points: `on`, `between`, or `from` and `to`.
#include <algorithm>

#include "injectors/injector.h"
#include "scenarios/scenario_keys.h"
#include "scenarios/scenario_parts.h"

namespace squall {
namespace {

void add_side(const YamlNode& node, std::string_view key, ScenarioContext& context,
              TimelineEntry& entry) {
  if (auto side = read_selector(node, key, context, true)) entry.sides.push_back(std::move(*side));
}

// `between: [A, B]`, or `from: A` and `to: B`.
void read_pair(MapReader& reader, ScenarioContext& context, TimelineEntry& entry,
               bool& is_one_way) {
  const YamlNode* between = reader.find("between");
  const YamlNode* from = reader.find("from");
  const YamlNode* to = reader.find("to");
  is_one_way = between == nullptr;
  const bool is_right =
      between != nullptr ? from == nullptr && to == nullptr : from != nullptr && to != nullptr;
  if (!is_right) {
    context.problems.add(reader.node(),
                         quote(entry.kind) + " needs 'between: [A, B]', or 'from: A' and 'to: B'");
  } else if (is_one_way) {
    add_side(*from, "from", context, entry);
    add_side(*to, "to", context, entry);
  } else if (between->kind != YamlKind::kList || between->items.size() != 2) {
    context.problems.add(*between, "'between' must be a list of two selectors");
  } else {
    for (const YamlNode& item : between->items) add_side(item, "between", context, entry);
  }
}

// The targets of a side that neither the running stack nor the seed has a say in.
std::optional<std::vector<Target>> fixed_targets(const Selector& side,
                                                 const ScenarioContext& context) {
  if (!context.has_topology || side.is_live() || has_draw(side)) return std::nullopt;
  Rng unused(1);
  const SelectorWorld world{context.scenario.topology, context.clients, {}, {}};
  Result<std::vector<Target>> targets = resolve(side, world, unused);
  if (!targets) return std::nullopt;
  return std::move(targets).value();
}

void read_on(MapReader& reader, ScenarioContext& context, TimelineEntry& entry) {
  const YamlNode* on = reader.find("on");
  if (on == nullptr) return;
  add_side(*on, "on", context, entry);
  if (entry.sides.empty()) return;
  const auto targets = fixed_targets(entry.sides[0], context);
  if (targets && processes_of(*targets, context.scenario.topology).empty()) {
    context.problems.add(*on, quote(on->text) + " holds no process");
  }
}

}  // namespace

void check_sides(const YamlNode& at, ScenarioContext& context, const TimelineEntry& entry) {
  if (entry.sides.size() != 2) return;
  const auto first = fixed_targets(entry.sides[0], context);
  const auto second = fixed_targets(entry.sides[1], context);
  if (!first || !second) return;
  const std::vector<Target> others = nodes_of(*second);
  for (const Target& target : nodes_of(*first)) {
    if (std::find(others.begin(), others.end(), target) == others.end()) continue;
    context.problems.add(
        at, "node " + quote(target.node.get()) + " is on both sides of " + quote(entry.id.get()));
    return;
  }
}

std::map<std::string, std::string> read_aim(MapReader& reader, const InjectorRow& row,
                                            ScenarioContext& context, TimelineEntry& entry) {
  std::map<std::string, std::string> implied;
  reader.allow(aim_keys(row.aim));
  if (row.aim != Aim::kNodePairs) {
    read_on(reader, context, entry);
    return implied;
  }
  bool is_one_way = false;
  read_pair(reader, context, entry, is_one_way);
  const bool has_direction =
      std::any_of(row.params.begin(), row.params.end(),
                  [](const ParamSpec& spec) { return spec.name == "direction"; });
  if (!has_direction) return implied;
  implied["direction"] = is_one_way ? "one-way" : "both";
  reader.allow(kNodePairImplied);
  if (const YamlNode* given = reader.find("direction")) {
    context.problems.add(*given, "'direction' follows from 'between', or 'from' and 'to'");
  }
  return implied;
}

}  // namespace squall
