// The compiled state of each plane and the nftables transactions, as text, without a kernel.
#include <gtest/gtest.h>

#include "agent/planes/desired.h"
#include "agent/planes/network_transaction.h"
#include "injectors/injector.h"
#include "tests/agent/fake_agent.h"
#include "tests/support/golden.h"

namespace squall {
namespace {

std::vector<Fault> faults_of(std::initializer_list<const char*> lines) {
  std::vector<Fault> faults;
  for (const char* line : lines) faults.push_back(*parse_fault(line));
  return faults;
}

TEST(Planes, DesiredStateOfSeveralFaults) {
  const auto faults = faults_of({"network.partition cut: e1 | e2, e3",
                                 "network.partition one-way: e2 | e1 (direction=one-way)",
                                 "network.delay slow: e1 | e2, e3 (delay=50ms, jitter=5ms)",
                                 "network.loss lossy: e1 | e2 (loss=5%)",
                                 "network.loss bursty: e2 | e1 (loss=10%, model=burst, burst=4)",
                                 "process.pause hold: e1/etcd", "process.kill k: e1/etcd",
                                 "clock.skew early: e1/etcd (offset=5s)",
                                 "clock.skew late: e1/etcd (offset=-95s)"});
  std::string text = *desired_text(config_of_e1(), faults);
  AgentConfig other = config_of_e1();
  other.node = NodeName("e2");
  text += "-- on e2\n" + *desired_text(other, faults);
  expect_golden("agent/golden/desired.txt", text);
}

TEST(Planes, NftablesTransactions) {
  const NetworkTable table = network_table(config_of_e1());
  const NetworkState none;
  const NetworkState one{{{FaultId("cut"), {"198.18.0.2"}, {"fd00::2"}}}};
  NetworkState two = one;
  two.drops.push_back({FaultId("my-cut.2"), {"198.18.0.3"}, {}});
  const NetworkState second{{two.drops[1]}};
  const Duration lease = std::chrono::seconds(5);
  std::string text = "# the first fault\n" + nft_transition(table, none, one, lease);
  text += "# a second one beside it\n" + nft_transition(table, one, two, lease);
  text += "# a renewal of both\n" + nft_renewal(table, two, lease);
  text += "# the first one ends\n" + nft_transition(table, two, second, lease);
  text += "# the last one ends\n" + nft_transition(table, second, none, lease);
  text += "# nothing differs\n" + nft_transition(table, one, one, lease);
  expect_golden("agent/golden/transactions.txt", text);
}

const NetworkState& none() {
  static const NetworkState kNone;
  return kNone;
}

std::string transitions(const NetworkState& state, const NetworkState& without) {
  const NetworkTable table = network_table(config_of_e1());
  const Duration lease = std::chrono::seconds(5);
  return "# all at once\n" + nft_transition(table, none(), state, lease) + "# a renewal\n" +
         nft_renewal(table, state, lease) + "# the first one ends\n" +
         nft_transition(table, state, without, lease) + "# the last one ends\n" +
         nft_transition(table, without, none(), lease);
}

TEST(Planes, NftablesTransactionsOfLosses) {
  const FaultPeers peers{FaultId("lossy"), {"198.18.0.2"}, {"fd00::2"}};
  const FaultPeers others{FaultId("bursty"), {"198.18.0.3"}, {}};
  const FaultPeers cut{FaultId("cut"), {"198.18.0.3"}, {}};
  const NetworkState both{.drops = {cut},
                          .losses = {{peers, *make_loss(0.05, 1)}, {others, *make_loss(0.1, 4)}}};
  const NetworkState second{.drops = {cut}, .losses = {both.losses[1]}};
  expect_golden("agent/golden/loss_transactions.txt", transitions(both, second));
}

TEST(Planes, NftablesTransactionsOfDelays) {
  const FaultPeers peers{FaultId("slow"), {"198.18.0.2"}, {"fd00::2"}};
  const FaultPeers cut{FaultId("cut"), {"198.18.0.3"}, {}};
  const NetworkState both{
      .drops = {cut},
      .delays = {{peers, {.delay = std::chrono::milliseconds(50)}}},
  };
  const NetworkState without{.drops = {cut}};
  expect_golden("agent/golden/delay_transactions.txt", transitions(both, without));
}

}  // namespace
}  // namespace squall
