// Playing scripts against a timeline machine.
#include "tests/orchestrator/timeline_script.h"

#include <sstream>

#include "base/check.h"

namespace squall::test {
namespace {

std::size_t entry_of(const Scenario& scenario, const std::string& id) {
  std::size_t entry = 0;
  while (scenario.timeline.at(entry).id.get() != id) ++entry;
  return entry;
}

std::string rest_of(std::istringstream& words) {
  std::string rest;
  std::getline(words >> std::ws, rest);
  while (!rest.empty() && rest.back() == ' ') rest.pop_back();
  return rest;
}

MetricSample read_sample(std::istringstream& words) {
  MetricSample sample;
  for (std::string word; words >> word;) {
    const std::size_t at = word.find_first_of("=:");
    CHECK(at != std::string::npos);
    const std::string name = word.substr(0, at);
    const std::string value = word.substr(at + 1);
    if (word[at] == '=') sample.values[name] = std::stod(value);
    if (word[at] == ':') sample.operations[name] = std::stoull(value);
  }
  return sample;
}

std::vector<TimelineEffect> step(TimelineMachine& machine, const Scenario& scenario, Duration now,
                                 const std::string& event, std::istringstream& words) {
  if (event == "tick") return machine.on_tick(now);
  if (event == "abort") return machine.on_abort(now, rest_of(words));
  if (event == "violation") return machine.on_violation(now, rest_of(words));
  if (event == "metrics") return machine.on_metrics(now, read_sample(words));
  std::string name;
  words >> name;
  if (event == "log") return machine.on_log(now, name, rest_of(words));
  const std::size_t entry = entry_of(scenario, name);
  if (event == "applied") return machine.on_applied(now, entry);
  if (event == "failed") return machine.on_failed(now, entry);
  CHECK(event == "healed");
  return machine.on_healed(now, entry);
}

std::string effect_text(const TimelineEffect& effect, const Scenario& scenario, Duration now) {
  if (const auto* apply = std::get_if<ApplyFault>(&effect)) {
    return "apply " + scenario.timeline.at(apply->entry).id.get() +
           (apply->requested == now ? "" : " (due " + to_text(apply->requested) + ")");
  }
  if (const auto* heal = std::get_if<HealFault>(&effect)) {
    return "heal " + scenario.timeline.at(heal->entry).id.get();
  }
  const auto& finish = std::get<FinishRun>(effect);
  return finish.ending == Ending::kComplete ? "finish" : "finish " + to_text(finish);
}

std::string effects_text(const std::vector<TimelineEffect>& effects, const Scenario& scenario,
                         Duration now) {
  std::string text;
  for (const TimelineEffect& effect : effects) {
    text += (text.empty() ? "" : " | ") + to_text(now) + " " + effect_text(effect, scenario, now);
  }
  return text;
}

}  // namespace

std::string play(TimelineMachine& machine, const Scenario& scenario, const std::string& script) {
  std::string done;
  std::istringstream steps(script);
  for (std::string line; std::getline(steps, line, '|');) {
    std::istringstream words(line);
    std::string at;
    std::string event;
    words >> at >> event;
    const Duration now = parse_duration(at).value();
    const std::string text =
        effects_text(step(machine, scenario, now, event, words), scenario, now);
    if (!text.empty()) done += (done.empty() ? "" : " | ") + text;
  }
  return done;
}

std::string play(const Scenario& scenario, const std::string& script) {
  TimelineMachine machine(scenario);
  return play(machine, scenario, script);
}

}  // namespace squall::test
