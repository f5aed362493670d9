// Selectors to targets.
#include "orchestrator/fault_targets.h"

#include <map>
#include <memory>

#include "injectors/injector.h"

namespace squall {
namespace {

// Both sides of [leader(x), !leader(x)] must mean the same leader: each question is asked once.
SelectorWorld asking_once(const SelectorWorld& world) {
  using Answers = std::map<std::string, Result<std::vector<Target>>>;
  const auto once = [](auto ask) {
    auto answers = std::make_shared<Answers>();
    return [ask, answers](const std::string& about) {
      const auto known = answers->find(about);
      if (known != answers->end()) return known->second;
      return answers->emplace(about, ask(about)).first->second;
    };
  };
  SelectorWorld cached = world;
  if (world.leader) cached.leader = once(world.leader);
  if (world.holder) cached.holder = once(world.holder);
  return cached;
}

std::string list_text(const std::vector<Target>& targets) {
  std::string text;
  for (const Target& target : targets) text += (text.empty() ? "" : ", ") + to_text(target);
  return text;
}

}  // namespace

Result<ResolvedTargets> resolve_targets(const TimelineEntry& entry, const SelectorWorld& world,
                                        std::uint64_t seed) {
  const InjectorRow* injector = find_injector(entry.kind);
  CHECK(injector != nullptr);
  Rng rng = Rng(seed).split("fault " + entry.id.get());
  const SelectorWorld asked = asking_once(world);
  ResolvedTargets resolved;
  for (const Selector& selector : entry.sides) {
    const std::vector<Target> targets = TRY(resolve(selector, asked, rng));
    resolved.sides.push_back(injector->aim == Aim::kNodePairs
                                 ? nodes_of(targets)
                                 : processes_of(targets, world.topology));
    if (resolved.sides.back().empty()) {
      return Error{Errc::kInvalid, "'" + selector.text() + "' names no process to act on"};
    }
    if (!selector.is_live()) continue;
    resolved.is_live = true;
    resolved.selected_by += (resolved.selected_by.empty() ? "" : "; ") + selector.text() + " = " +
                            list_text(resolved.sides.back());
  }
  return resolved;
}

std::string sides_text(const std::vector<std::vector<Target>>& sides) {
  std::string text;
  for (const std::vector<Target>& side : sides)
    text += (text.empty() ? "" : " | ") + list_text(side);
  return text;
}

std::string params_text(const Params& params) {
  std::string text;
  for (const auto& [name, value] : params.all()) {
    if (!value.empty()) text += (text.empty() ? "" : " ") + name + "=" + value;
  }
  return text;
}

}  // namespace squall
