// Shrinking a scenario.
#include "search/shrink_machine.h"

#include <algorithm>

#include "scenarios/schedule.h"
#include "search/programs.h"

namespace squall {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

ShrinkMachine::ShrinkMachine(Scenario original, ShrinkScope scope, Vocabulary vocabulary,
                             std::map<std::string, bool> known)
    : scope_(std::move(scope)),
      vocabulary_(vocabulary),
      known_(std::move(known)),
      best_(std::move(original)) {
  // Other checks do not change a run, so what they say costs nothing to leave out.
  best_.checks = {scope_.check};
  for (const PartNumber& number : part_numbers(best_, vocabulary_)) {
    floors_[number.what] = number.least;
  }
  begin_stage();
}

// Parts and numbers are those of what is best now.
void ShrinkMachine::begin_stage() {
  ddmin_.reset();
  descent_.reset();
  lists_ = part_lists(best_, scope_);
  stage_base_ = best_;
  if (stage_ < lists_.size()) {
    const PartList& list = lists_[stage_];
    ddmin_.emplace(list.names.size(), list.may_be_empty);
    return;
  }
  numbers_ = part_numbers(best_, vocabulary_);
  for (PartNumber& number : numbers_) {
    const auto floor = floors_.find(number.what);
    if (floor == floors_.end()) continue;
    number.least = std::min(std::max(number.least, floor->second), number.value);
  }
  number_ = 0;
}

// On to the next stage or the next round; false: it is over.
bool ShrinkMachine::advance() {
  ++stage_;
  if (stage_ > lists_.size()) {
    if (!has_helped_) return false;
    has_helped_ = false;
    stage_ = 0;
  }
  begin_stage();
  return true;
}

std::optional<ShrinkMachine::Trial> ShrinkMachine::propose_parts() {
  const std::optional<std::vector<std::size_t>> parts = ddmin_->next();
  if (!parts) return std::nullopt;
  const PartList& list = lists_[stage_];
  std::set<std::string> kept;
  for (const std::size_t part : *parts) kept.insert(list.names[part]);
  std::vector<std::string> gone;
  for (const std::size_t part : ddmin_->kept()) {
    if (!kept.contains(list.names[part])) gone.push_back(list.names[part]);
  }
  Trial trial;
  trial.scenario = list.keep(stage_base_, kept);
  trial.candidate.change = "without " + list.what + (gone.size() == 1 ? " " : "s ") + joined(gone);
  return trial;
}

std::optional<ShrinkMachine::Trial> ShrinkMachine::propose_number() {
  for (; number_ < numbers_.size(); ++number_, descent_.reset()) {
    const PartNumber& number = numbers_[number_];
    if (!descent_) descent_.emplace(number.value, number.least, number.resolution);
    const std::optional<std::int64_t> value = descent_->next();
    if (!value) continue;
    Trial trial;
    trial.scenario = best_;
    number.set(trial.scenario, *value);
    trial.candidate.change =
        number.what + " " + number.text(descent_->value()) + " → " + number.text(*value);
    return trial;
  }
  return std::nullopt;
}

std::optional<ShrinkMachine::Trial> ShrinkMachine::propose() {
  std::optional<Trial> trial = ddmin_ ? propose_parts() : propose_number();
  if (!trial) return trial;
  trial->candidate.text = to_yaml(trial->scenario);
  trial->digest = digest_of_text(trial->candidate.text);
  return trial;
}

const ShrinkCandidate* ShrinkMachine::next() {
  while (!trial_ && !is_over_) {
    std::optional<Trial> trial = propose();
    if (!trial) {
      is_over_ = !advance();
      continue;
    }
    const auto known = known_.find(trial->digest);
    if (known != known_.end()) {
      settle(*trial, known->second);
    } else if (!is_viable(trial->scenario, vocabulary_)) {
      settle(*trial, false);
    } else {
      trial_ = std::move(trial);
    }
  }
  return trial_ ? &trial_->candidate : nullptr;
}

void ShrinkMachine::on(bool is_shown) {
  CHECK(trial_.has_value());
  const Trial trial = std::move(*trial_);
  trial_.reset();
  known_[trial.digest] = is_shown;
  settle(trial, is_shown);
}

void ShrinkMachine::settle(const Trial& trial, bool is_shown) {
  if (ddmin_) {
    ddmin_->on(is_shown);
  } else {
    descent_->on(is_shown);
  }
  if (!is_shown) return;
  has_helped_ = true;
  best_ = trial.scenario;
  changes_.push_back(trial.candidate.change);
}

std::string size_text(const Scenario& scenario) {
  Duration end{0};
  for (const TimelineEntry& entry : scenario.timeline) {
    const AtTime* at = std::get_if<AtTime>(&entry.trigger);
    end = std::max(end, (at == nullptr ? Duration{0} : at->at) + entry.length);
  }
  int processes = 0;
  for (const WorkloadEntry& entry : scenario.workload) processes += entry.processes;
  return counted(scenario.timeline.size(), "fault") + ", " +
         counted(scenario.topology.nodes.size(), "node") + ", " +
         counted(scenario.workload.size(), "client") + " with " + std::to_string(processes) +
         (processes == 1 ? " process" : " processes") + ", " +
         to_text(std::max(end, scenario.duration) + scenario.settle) + " of load";
}

}  // namespace squall
