// Selectors → lists of nodes or processes.
#include "scenarios/schedule_targets.h"

#include "scenarios/selector_syntax.h"

namespace squall {

bool is_for_later(const Selector& selector, const Topology& topology) {
  if (selector.is_live()) return true;
  const std::vector<ClientProcess> none;
  return !name_problems(selector, SelectorWorld{topology, none, {}, {}}).empty();
}

Result<std::vector<Target>> targets_of(const Selector& side, bool is_pair, const Topology& topology,
                                       Rng& rng) {
  const std::vector<ClientProcess> none;
  std::vector<Target> targets = TRY(resolve(side, SelectorWorld{topology, none, {}, {}}, rng));
  targets = is_pair ? nodes_of(targets) : processes_of(targets, topology);
  if (!targets.empty()) return targets;
  return Error{Errc::kInvalid, "'" + side.text() + "' holds no process"};
}

Result<Selector> listed(const std::vector<Target>& targets) {
  std::string text;
  for (const Target& target : targets) text += (text.empty() ? "" : " | ") + to_text(target);
  return parse_selector(text);
}

}  // namespace squall
