// Topologies as one line of text.
#include "tests/arena/lab_text.h"

#include <sstream>

namespace squall {

Topology topology(const std::string& regions, const std::string& delays) {
  Topology result;
  std::istringstream region_texts(regions);
  for (std::string part; std::getline(region_texts, part, '|');) {
    std::istringstream words(part);
    std::string region;
    words >> region;
    result.regions.push_back(region);
    for (std::string node; words >> node;) {
      result.nodes.push_back(NodeSpec{.name = NodeName(node), .region = region, .run = {}});
    }
  }
  std::istringstream delay_texts(delays);
  for (std::string part; std::getline(delay_texts, part, ',');) {
    std::istringstream words(part);
    std::string from, to, delay;
    words >> from >> to >> delay;
    result.delay[{from, to}] = parse_duration(delay).value();
    result.delay[{to, from}] = parse_duration(delay).value();
  }
  return result;
}

}  // namespace squall
