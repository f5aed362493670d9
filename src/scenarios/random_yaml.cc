// A drawn timeline as canonical YAML: every value is there, defaults too.
#include "scenarios/random_yaml.h"

namespace squall {
namespace {

std::string range_text(const std::string& low, const std::string& high) {
  return low == high ? low : low + ".." + high;
}

YamlNode fault_yaml(const RandomFault& fault) {
  YamlNode node = yaml_map();
  put(node, "fault", fault.kind);
  put(node, "name", fault.name);
  put(node, "weight", std::to_string(fault.weight));
  if (fault.length_max > Duration{0}) {
    put(node, "for", range_text(to_text(fault.length_min), to_text(fault.length_max)));
  }
  if (fault.sides.size() == 1) {
    put(node, "on", fault.sides[0].text());
  } else if (fault.is_one_way) {
    put(node, "from", fault.sides[0].text());
    put(node, "to", fault.sides[1].text());
  } else {
    put(node, "between", yaml_list({fault.sides[0].text(), fault.sides[1].text()}));
  }
  for (const auto& [name, value] : fault.params) {
    if (value.is_range) {
      put(node, name, value.choices[0] + ".." + value.choices[1]);
    } else if (value.choices.size() == 1) {
      put(node, name, value.choices[0]);
    } else {
      put(node, name, yaml_list(value.choices));
    }
  }
  put(node, "expect-exercised", fault.is_exercise_expected ? "true" : "false");
  put(node, "expect-consequence", fault.is_consequence_expected ? "true" : "false");
  return node;
}

}  // namespace

YamlNode random_yaml(const RandomTimeline& random) {
  const bool is_swizzle = random.pattern == RandomPattern::kSwizzle;
  YamlNode node = yaml_map();
  put(node, "pattern", is_swizzle ? "swizzle" : "free");
  put(node, "length", to_text(random.length));
  put(node, "liveness", to_text(random.liveness));
  put(node, "count",
      range_text(std::to_string(random.count_min), std::to_string(random.count_max)));
  if (!is_swizzle) put(node, "at-once", std::to_string(random.at_once));
  put(node, "gap", to_text(random.gap));
  YamlNode faults;
  faults.kind = YamlKind::kList;
  for (const RandomFault& fault : random.faults) faults.items.push_back(fault_yaml(fault));
  put(node, "faults", std::move(faults));
  return node;
}

}  // namespace squall
