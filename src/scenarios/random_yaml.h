// A drawn timeline as canonical YAML.  Internal to this folder.
#pragma once

#include "scenarios/random_timeline.h"
#include "scenarios/yaml_writer.h"

namespace squall {

[[nodiscard]] YamlNode random_yaml(const RandomTimeline& random);

}  // namespace squall
