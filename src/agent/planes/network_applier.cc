// Runs the network plane's transactions.
#include "agent/planes/network_applier.h"

namespace squall {

Result<> NetworkApplier::reconcile(const NetworkState& desired, Duration lease) {
  const std::string commands = nft_transition(table_, installed_, desired, lease);
  if (!commands.empty()) TRY(kernel_.run_nft(commands));
  installed_ = desired;
  return {};
}

Result<std::vector<FaultId>> NetworkApplier::renew(Duration lease) {
  return renew(installed_, lease);
}

Result<std::vector<FaultId>> NetworkApplier::renew(const FaultId& fault, Duration lease) {
  const FaultDrop* drop = installed_.find(fault);
  if (drop == nullptr) return std::vector<FaultId>();
  return renew(NetworkState{{*drop}}, lease);
}

Result<std::vector<FaultId>> NetworkApplier::renew(const NetworkState& some, Duration lease) {
  std::vector<FaultId> lost;
  if (some.drops.empty()) return lost;
  const Result<> renewed = kernel_.run_nft(nft_renewal(table_, some, lease));
  if (renewed.ok()) return lost;
  if (renewed.error().code != Errc::kNotFound) return renewed.error();
  // At least one lease has lapsed, and so nobody was renewed: look whose, and renew the others.
  const Result<NetworkReadback> now = observe();
  NetworkState alive;
  for (const FaultDrop& drop : some.drops) {
    if (now.ok() && now->armed.contains(drop.fault)) {
      alive.drops.push_back(drop);
    } else {
      lost.push_back(drop.fault);
    }
  }
  // Between the look and the renewal another one may lapse.  Each round takes one away at least.
  if (alive.drops.size() == some.drops.size()) {
    return Error{Errc::kIo, "the kernel refuses to renew: " + renewed.error().what};
  }
  for (const FaultId& also : TRY(renew(alive, lease))) lost.push_back(also);
  return lost;
}

Result<> NetworkApplier::drop_all() {
  TRY(kernel_.drop_nft());
  installed_ = {};
  return {};
}

Result<NetworkReadback> NetworkApplier::observe() {
  if (installed_.drops.empty()) {
    // Nothing of ours should be there; look all the same, since an absent table is an answer.
    const Result<std::string> json = kernel_.read_nft(nft_listing(table_));
    if (!json.ok() && json.error().code == Errc::kNotFound) return NetworkReadback();
    if (!json.ok()) return json.error();
    return parse_readback(*json, installed_);
  }
  return parse_readback(TRY(kernel_.read_nft(nft_listing(table_))), installed_);
}

}  // namespace squall
