// Skews and restores clocks, journal first.
#include "agent/planes/clock_applier.h"

#include <algorithm>

namespace squall {
namespace {

// A process that forks while its clock is restored: the children are found in the next round.
constexpr int kMaxRounds = 16;

bool is_gone(const Error& error) {
  return error.code == Errc::kNotFound;
}

std::string name_of(const ProcessId& process) {
  return "process " + std::to_string(process.pid);
}

}  // namespace

BootTime ClockApplier::expiry_of(const SkewedProcess& process) const {
  BootTime latest;
  for (const FaultId& fault : process.faults) {
    latest = std::max(latest, find_expiry_(fault).value_or(BootTime{}));
  }
  return latest;
}

// The tree as it is now, and whom we have skewed before: a daemon may have left the tree.
std::set<ProcessId> ClockApplier::members_of(const ProcessName& name) {
  std::set<ProcessId> members;
  for (const auto& [id, record] : skewed_[name]) members.insert(id);
  const std::optional<ProcessId> main = find_process_(name);
  if (!main) return members;  // down; the next reconcile looks again
  const Result<std::vector<ProcessId>> tree = kernel_.tree(*main);
  if (tree.ok()) members.insert(tree->begin(), tree->end());
  return members;
}

Result<> ClockApplier::reconcile(const ClockState& desired) {
  std::map<ProcessName, LaunchSkew> launches;
  for (const SkewedProcess& process : desired.skewed) {
    launches[process.process] = {process.offset, expiry_of(process)};
  }
  // Before the processes are looked for, so that none starts unseen in between.
  if (launches_ != nullptr) launches_->replace(std::move(launches));
  // One that cannot be put right must not keep the others wrong.
  std::optional<Error> failure;
  const auto note = [&failure](Result<> result) {
    if (!result.ok() && !failure) failure = std::move(result).error();
  };
  std::vector<ProcessName> names;
  for (const auto& [name, members] : skewed_) names.push_back(name);
  for (const ProcessName& name : names) {
    if (desired.find(name) == nullptr) note(release(name).in("set the clock of " + name.get()));
  }
  for (const SkewedProcess& process : desired.skewed) {
    note(skew(process).in("skew the clock of " + process.process.get()));
  }
  if (failure) return *failure;
  return {};
}

Result<> ClockApplier::skew(const SkewedProcess& process) {
  const std::optional<ProcessId> main = find_process_(process.process);
  std::optional<Error> failure;
  const BootTime until = expiry_of(process);
  for (const ProcessId& member : members_of(process.process)) {
    Result<> skewed = skew_one(process.process, member, process.offset, until);
    troubles_.erase(member);
    if (skewed.ok()) continue;
    troubles_[member] = skewed.error().what;
    if (member == main) failure = std::move(skewed).error().in(name_of(member));
  }
  if (failure) return *failure;
  return {};
}

Result<> ClockApplier::skew_one(const ProcessName& name, const ProcessId& member, Duration offset,
                                BootTime until) {
  std::map<ProcessId, std::uint64_t>& ours = skewed_[name];
  // What stands on its page from before is not this fault's doing.
  const Result<ClockReading> before = kernel_.read_clock(member);
  if (before.ok() && !ours.contains(member)) {
    counted_[name].pages.try_emplace(before->page, before->calls);
  }
  if (before.ok() && ours.contains(member)) count(name, *before);
  if (!before.ok() && is_gone(before.error())) {
    const auto found = ours.find(member);
    if (found == ours.end()) return {};
    (void)journal_.undone(found->second);  // nothing is left to undo
    ours.erase(found);
    return {};
  }
  // Durable before the change that follows.
  if (!ours.contains(member)) ours[member] = TRY(journal_.intend(SkewedClock{member}));
  Result<> skewed = kernel_.skew_clock(member, offset, until);
  if (!skewed.ok() && is_gone(skewed.error())) return {};
  return skewed;
}

Result<> ClockApplier::release(const ProcessName& name) {
  std::set<ProcessId> restored;
  std::optional<Error> failure;
  for (int round = 0; round < kMaxRounds; ++round) {
    bool is_any_new = false;
    for (const ProcessId& member : members_of(name)) {
      if (!restored.insert(member).second) continue;
      is_any_new = true;
      const Result<> done = kernel_.restore_clock(member);
      if (done.ok() || is_gone(done.error())) continue;
      if (!failure) failure = done.error().in(name_of(member));
    }
    if (!is_any_new) break;
  }
  if (failure) return *failure;
  (void)readings(name);  // the last count
  // A record that stays costs one look too many at the next start, so it is no failure.
  for (const auto& [id, record] : skewed_[name]) {
    (void)journal_.undone(record);
    troubles_.erase(id);
  }
  skewed_.erase(name);
  return {};
}

Result<> ClockApplier::restore_all(const ProcessId& main) {
  const Result<std::vector<ProcessId>> tree = kernel_.tree(main);
  if (!tree.ok() && is_gone(tree.error())) return {};
  if (!tree.ok()) return tree.error();
  for (const ProcessId& member : *tree) {
    const Result<> done = kernel_.restore_clock(member);
    if (!done.ok() && !is_gone(done.error())) return done.error().in(name_of(member));
  }
  return {};
}

void ClockApplier::count(const ProcessName& name, const ClockReading& reading) {
  if (reading.page == 0) return;
  Counted& counted = counted_[name];
  std::uint64_t& last = counted.pages[reading.page];
  if (reading.calls > last) counted.total += reading.calls - last;
  last = std::max(last, reading.calls);
}

std::uint64_t ClockApplier::readings(const ProcessName& process) {
  for (const auto& [id, record] : skewed_[process]) {
    const Result<ClockReading> reading = kernel_.read_clock(id);
    if (reading.ok()) count(process, *reading);
  }
  return counted_[process].total;
}

std::string ClockApplier::observe(const ClockState& desired, BootTime now) {
  std::string text;
  for (const SkewedProcess& wanted : desired.skewed) {
    std::set<Duration> offsets;
    std::string troubles;
    for (const ProcessId& member : members_of(wanted.process)) {
      const Result<ClockReading> reading = kernel_.read_clock(member);
      if (!reading.ok() && is_gone(reading.error())) continue;
      const bool is_wrong = reading.ok() && reading->is_patched && now < reading->until;
      offsets.insert(is_wrong ? reading->offset : Duration{0});
      const auto trouble = troubles_.find(member);
      if (trouble != troubles_.end()) troubles += "; " + name_of(member) + ": " + trouble->second;
    }
    if (offsets.empty()) continue;  // it is down
    std::string seen;
    for (const Duration offset : offsets) seen += (seen.empty() ? "" : " and ") + to_text(offset);
    text += wanted.process.get() + ": clock off by " + seen + troubles + "\n";
  }
  return text;
}

}  // namespace squall
