// Stops, freezes and continues processes, journal first.
#include "agent/planes/process_applier.h"

#include <algorithm>
#include <csignal>

namespace squall {
namespace {

// Stopping a process that forks meanwhile: its children are found in the next round.
constexpr int kMaxRounds = 16;

bool is_gone(const Error& error) {
  return error.code == Errc::kNotFound;
}

}  // namespace

std::uint64_t ProcessApplier::slots_of(const std::vector<FaultId>& faults) const {
  std::uint64_t slots = 0;
  for (const FaultId& fault : faults) {
    if (const std::optional<std::size_t> slot = find_slot_(fault)) slots |= slot_bit(*slot);
  }
  return slots;
}

Result<> ProcessApplier::reconcile(const ProcessState& desired) {
  std::vector<ProcessName> stopped;
  std::vector<ProcessName> frozen;
  for (const auto& [name, members] : stopped_) stopped.push_back(name);
  for (const auto& [name, members] : frozen_) frozen.push_back(name);
  // One that cannot be continued must not keep the others still.
  std::optional<Error> failure;
  const auto note = [&failure](Result<> result) {
    if (!result.ok() && !failure) failure = std::move(result).error();
  };
  for (const ProcessName& name : stopped) {
    const PausedProcess* wanted = desired.find(name);
    if (wanted == nullptr || wanted->stopped_by.empty()) note(release_stopped(name));
  }
  for (const ProcessName& name : frozen) {
    const PausedProcess* wanted = desired.find(name);
    if (wanted == nullptr || wanted->frozen_by.empty()) note(release_frozen(name));
  }
  for (const PausedProcess& process : desired.paused) {
    if (!process.stopped_by.empty()) note(stop(process).in("stop " + process.process.get()));
    if (!process.frozen_by.empty()) note(freeze(process).in("freeze " + process.process.get()));
  }
  if (desired.paused.empty()) foreign_.clear();
  if (failure) return *failure;
  return {};
}

Result<> ProcessApplier::stop(const PausedProcess& process) {
  const std::uint64_t slots = slots_of(process.stopped_by);
  for (const auto& [id, hold] : stopped_[process.process]) board_.set_holders(hold.thing, slots);
  const std::optional<ProcessId> main = find_process_(process.process);
  if (!main) return {};  // down; the next reconcile looks again
  for (int round = 0; round < kMaxRounds; ++round) {
    if (!TRY(stop_newcomers(process, *main))) return {};
  }
  return Error{Errc::kIo, "it forks faster than it can be stopped"};
}

// Whether there were any.
Result<bool> ProcessApplier::stop_newcomers(const PausedProcess& process, const ProcessId& main) {
  std::map<ProcessId, Hold>& ours = stopped_[process.process];
  Result<std::vector<ProcessId>> members = kernel_.tree(main);
  if (!members.ok() && is_gone(members.error())) return false;
  bool is_any_new = false;
  for (const ProcessId& member : TRY(std::move(members))) {
    const bool is_known = ours.contains(member);
    if (!is_known && foreign_.contains(member)) continue;
    const Result<bool> is_stopped = kernel_.is_stopped(member);
    if (!is_stopped.ok() && is_gone(is_stopped.error())) continue;
    if (!is_stopped.ok()) return is_stopped.error();
    if (is_known) {
      // Somebody continued it.
      if (!*is_stopped) (void)kernel_.signal(member, SIGSTOP);
      continue;
    }
    if (*is_stopped) {
      foreign_.insert(member);
      continue;
    }
    // Durable and on the board before the signal that follows.
    Hold hold;
    hold.thing = TRY(board_.hold(member, slots_of(process.stopped_by)));
    const Result<std::uint64_t> record = journal_.intend(StoppedProcess{member});
    if (!record.ok()) board_.let_go(hold.thing);
    hold.record = TRY(record);
    ours[member] = hold;  // from here on the heal takes care of it
    const Result<> sent = kernel_.signal(member, SIGSTOP);
    if (!sent.ok() && !is_gone(sent.error())) return sent.error();
    is_any_new = true;
  }
  return is_any_new;
}

Result<> ProcessApplier::release_stopped(const ProcessName& name) {
  std::map<ProcessId, Hold>& members = stopped_[name];
  std::optional<Error> failure;
  for (auto at = members.begin(); at != members.end();) {
    const Result<> sent = kernel_.signal(at->first, SIGCONT);
    if (!sent.ok() && !is_gone(sent.error())) {
      if (!failure) failure = sent.error().in("continue " + name.get());
      ++at;
      continue;
    }
    board_.let_go(at->second.thing);
    // A record that stays costs one SIGCONT too many at the next start, so it is no failure.
    (void)journal_.undone(at->second.record);
    at = members.erase(at);
  }
  if (failure) return *failure;
  stopped_.erase(name);
  return {};
}

Result<> ProcessApplier::freeze(const PausedProcess& process) {
  const std::optional<ProcessId> main = find_process_(process.process);
  if (!main) return {};
  Result<std::vector<ProcessId>> members = kernel_.tree(*main);
  if (!members.ok() && is_gone(members.error())) return {};
  const std::uint64_t slots = slots_of(process.frozen_by);
  auto found = frozen_.find(process.process);
  if (found == frozen_.end()) {
    const std::string name = node_ + "-" + process.process.get();
    Frozen frozen;
    frozen.path = TRY(kernel_.freezer_path(name));
    // Durable and on the board before the cgroup that follows is made.
    frozen.hold.record = TRY(journal_.intend(FrozenCgroup{frozen.path}));
    frozen.hold.thing = TRY(board_.hold(frozen.path, slots));
    frozen_[process.process] = frozen;  // from here on the heal takes care of it
    TRY(kernel_.make_freezer(name));
    found = frozen_.find(process.process);
  }
  board_.set_holders(found->second.hold.thing, slots);
  std::vector<ProcessId> now = TRY(std::move(members));
  // The members of a frozen cgroup cannot fork; but a restarted process is a new member.
  if (now == found->second.members && TRY(kernel_.is_frozen(found->second.path))) return {};
  note_running(now, found->second);
  TRY(kernel_.freeze(found->second.path, now));
  found->second.members = std::move(now);
  return {};
}

void ProcessApplier::note_running(const std::vector<ProcessId>& members, Frozen& frozen) {
  std::erase_if(frozen.hit, [&](const ProcessId& id) {
    return std::find(members.begin(), members.end(), id) == members.end();
  });
  for (const ProcessId& member : members) {
    if (!kernel_.is_stopped(member).value_or(true)) frozen.hit.insert(member);
  }
}

Result<> ProcessApplier::release_frozen(const ProcessName& name) {
  const Frozen& frozen = frozen_.at(name);
  TRY(kernel_.remove_freezer(frozen.path).in("thaw " + name.get()));
  board_.let_go(frozen.hold.thing);
  (void)journal_.undone(frozen.hold.record);  // see release_stopped()
  frozen_.erase(name);
  return {};
}

Result<std::string> ProcessApplier::observe(const ProcessState& desired) {
  ProcessState observed;
  for (const PausedProcess& wanted : desired.paused) {
    PausedProcess seen{.process = wanted.process, .stopped_by = {}, .frozen_by = {}};
    const std::optional<ProcessId> main = find_process_(wanted.process);
    const Result<std::vector<ProcessId>> members =
        main ? kernel_.tree(*main) : Result<std::vector<ProcessId>>(std::vector<ProcessId>());
    bool is_all_stopped = members.ok() && !members->empty();
    for (const ProcessId& member : members.ok() ? *members : std::vector<ProcessId>()) {
      const Result<bool> is_stopped = kernel_.is_stopped(member);
      is_all_stopped = is_all_stopped && (!is_stopped.ok() || *is_stopped);
    }
    if (is_all_stopped && !wanted.stopped_by.empty()) seen.stopped_by = wanted.stopped_by;
    if (is_frozen(wanted.process)) seen.frozen_by = wanted.frozen_by;
    if (!seen.stopped_by.empty() || !seen.frozen_by.empty()) observed.paused.push_back(seen);
  }
  return to_text(observed);
}

bool ProcessApplier::is_frozen(const ProcessName& process) {
  const auto frozen = frozen_.find(process);
  return frozen != frozen_.end() && kernel_.is_frozen(frozen->second.path).value_or(false);
}

std::size_t ProcessApplier::count(const ProcessName& process) {
  std::size_t stopped = 0;
  if (const auto found = stopped_.find(process); found != stopped_.end()) {
    for (const auto& [id, hold] : found->second) {
      if (kernel_.is_stopped(id).value_or(false)) ++stopped;
    }
  }
  return std::max(stopped, is_frozen(process) ? frozen_.at(process).hit.size() : 0);
}

}  // namespace squall
