// Runs the network plane's transactions.
#include "agent/planes/network_applier.h"

#include <algorithm>

namespace squall {

// The line carries a new delay before packets are steered to it, and has forgotten an old one by
// the time they no longer are; what is steered meanwhile passes it at once.
Result<> NetworkApplier::reconcile(const NetworkState& wanted, Duration lease) {
  const NetworkState desired = with_slots(wanted);
  TRY(prepare_delays(desired, lease));
  const std::string commands = nft_transition(table_, installed_, desired, lease);
  if (!commands.empty()) {
    const Result<> run = kernel_.run_nft(commands);
    if (!run.ok()) {
      (void)prepare_delays(installed_, lease);  // the error below is the one to tell
      return run;
    }
  }
  installed_ = desired;
  if (desired.delays.empty()) TRY(release_delays());
  return {};
}

NetworkState NetworkApplier::with_slots(NetworkState state) const {
  std::set<std::size_t> taken;
  std::map<FaultId, std::size_t> slots;
  for (const FaultDelay& delay : installed_.delays) slots[delay.to.fault] = delay.slot;
  // Those that end keep theirs until they have ended.
  for (const auto& [fault, slot] : slots) taken.insert(slot);
  for (FaultDelay& delay : state.delays) {
    const auto known = slots.find(delay.to.fault);
    if (known != slots.end()) {
      delay.slot = known->second;
      continue;
    }
    for (delay.slot = 0; taken.contains(delay.slot);) ++delay.slot;
    taken.insert(delay.slot);
  }
  return state;
}

Result<> NetworkApplier::prepare_delays(const NetworkState& desired, Duration lease) {
  if (desired.delays.empty()) return {};
  if (desired.delays == installed_.delays && kernel_.delays().check().ok()) return {};
  const BootTime expiry = clock_.boot() + lease;
  for (const FaultDelay& delay : desired.delays) expiries_.emplace(delay.to.fault, expiry);
  std::erase_if(expiries_, [&](const auto& row) { return !desired.contains(row.first); });
  // Durable before the routing rule that follows.
  if (!record_) record_ = TRY(journal_.intend(DelayResidue{kernel_.delays().residue()}));
  return kernel_.delays().set(rows_of(desired)).in("delay line");
}

Result<> NetworkApplier::release_delays() {
  if (!record_) return {};
  TRY(kernel_.delays().release().in("delay line"));
  expiries_.clear();
  (void)TRY(clear_up());
  return {};
}

Result<bool> NetworkApplier::clear_up() {
  if (!record_) return true;
  if (!installed_.delays.empty()) return false;
  if (!TRY(kernel_.delays().is_gone().in("delay line"))) return false;
  TRY(journal_.undone(*record_));
  record_.reset();
  return true;
}

std::vector<DelayRow> NetworkApplier::rows_of(const NetworkState& state) const {
  std::vector<DelayRow> rows;
  for (const auto& [to, delay, slot] : state.delays) {
    rows.push_back({.fault = to.fault,
                    .slot = slot,
                    .delay = delay,
                    .ipv4 = to.ipv4,
                    .ipv6 = to.ipv6,
                    .expiry = expiries_.at(to.fault)});
  }
  return rows;
}

std::optional<std::string> NetworkApplier::delay_trouble() {
  if (installed_.delays.empty()) return std::nullopt;
  const Result<> works = kernel_.delays().check();
  if (works.ok()) return std::nullopt;
  return works.error().what;
}

Result<std::vector<FaultId>> NetworkApplier::renew(Duration lease) {
  return renew(installed_, lease);
}

Result<std::vector<FaultId>> NetworkApplier::renew(const FaultId& fault, Duration lease) {
  return renew(installed_.only({fault}), lease);
}

Result<std::vector<FaultId>> NetworkApplier::renew(const NetworkState& some, Duration lease) {
  std::vector<FaultId> lost;
  NetworkState living = some;
  // What hangs swallows packets: it must not be kept alive.
  if (!some.delays.empty() && delay_trouble()) {
    for (const FaultDelay& delay : some.delays) lost.push_back(delay.to.fault);
    living.delays.clear();
  }
  if (living.is_empty()) return lost;
  const BootTime expiry = clock_.boot() + lease;
  const Result<> renewed = kernel_.run_nft(nft_renewal(table_, living, lease));
  if (renewed.ok()) {
    for (const FaultDelay& delay : living.delays) {
      expiries_[delay.to.fault] = expiry;
      kernel_.delays().extend(delay.to.fault, expiry);
    }
    return lost;
  }
  if (renewed.error().code != Errc::kNotFound) return renewed.error();
  // At least one lease has lapsed, and so nobody was renewed: look whose, and renew the others.
  const Result<NetworkReadback> now = observe();
  std::set<FaultId> armed;
  for (const FaultPeers* peers : living.all()) {
    if (now.ok() && now->armed.contains(peers->fault)) {
      armed.insert(peers->fault);
    } else {
      lost.push_back(peers->fault);
    }
  }
  // Between the look and the renewal another one may lapse.  Each round takes one away at least.
  if (armed.size() == living.all().size()) {
    return Error{Errc::kIo, "the kernel refuses to renew: " + renewed.error().what};
  }
  for (const FaultId& also : TRY(renew(living.only(armed), lease))) lost.push_back(also);
  return lost;
}

Result<> NetworkApplier::drop_all() {
  TRY(kernel_.drop_nft());
  installed_ = {};
  return release_delays();
}

Result<NetworkReadback> NetworkApplier::observe() {
  const Result<std::string> json = kernel_.read_nft(nft_listing(table_, installed_));
  // Also when nothing of ours should be there: an absent table is an answer.
  if (installed_.is_empty() && !json.ok() && json.error().code == Errc::kNotFound) {
    return NetworkReadback();
  }
  if (!json.ok()) return json.error();
  std::map<FaultId, DelaySpec> carried;
  if (!installed_.delays.empty()) carried = kernel_.delays().carried();
  return parse_readback(*json, installed_, carried);
}

DelayCounters NetworkApplier::delay_counters() {
  if (installed_.delays.empty()) return {};
  return kernel_.delays().counters().value_or({});
}

}  // namespace squall
