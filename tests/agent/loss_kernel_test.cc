// Losses in a real kernel, counted packet by packet.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cmath>

#include "kernel/wait.h"
#include "tests/agent/real_agent.h"
#include "tests/support/own_namespaces.h"

namespace squall {
namespace {

using std::chrono::seconds;

// So many packets say enough, and fit into a socket's buffer a few at a time.
constexpr int kPackets = 20'000;
constexpr int kAtOnce = 50;

class LossKernelTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped()) return;
    nodes = must(make_two_nodes());
    victim.emplace(must(Victim::start()));
    agent = must(RealAgent::start(nodes, victim->id(), folder.path(), false));
  }
  // From right to left, where the agent is.  Which of them came; a loopback of the bridge loses
  // nothing and delivers before send() returns.
  std::vector<bool> send_across(IpFamily family, int count) {
    const std::string ip = family == IpFamily::kV4 ? "198.18.0.1" : "fd00::1";
    const UdpEcho echo = must(UdpEcho::open(nodes.left, {.ip = ip, .port = 0}));
    UdpProbe probe = must(UdpProbe::open(nodes.right, echo.address()));
    std::vector<bool> has_come(static_cast<std::size_t>(count));
    const auto collect = [&] {
      std::uint64_t number = 0;
      while (::recv(echo.fd().get(), &number, sizeof number, MSG_DONTWAIT) == sizeof number) {
        has_come.at(number - 1) = true;
      }
    };
    for (int i = 0; i < count; ++i) {
      (void)must(probe.send());
      if (i % kAtOnce == 0) collect();
    }
    while (must(wait_readable(echo.fd(), std::chrono::milliseconds(50)))) collect();
    return has_come;
  }

  TwoNodes nodes;
  std::optional<Victim> victim;
  TemporaryFolder folder;
  std::unique_ptr<RealAgent> agent;
};

struct Losses {
  double share = 0;
  double burst = 0;  // mean length
};
Losses losses_of(const std::vector<bool>& has_come) {
  double lost = 0;
  double bursts = 0;
  for (std::size_t i = 0; i < has_come.size(); ++i) {
    if (has_come[i]) continue;
    ++lost;
    if (i == 0 || has_come[i - 1]) ++bursts;
  }
  return {lost / static_cast<double>(has_come.size()), bursts == 0 ? 0 : lost / bursts};
}

// Six standard deviations: once in a billion runs by chance.
void expect_share(double share, const LossSpec& spec) {
  EXPECT_NEAR(share, probability_of(spec), 6 * share_deviation(spec, kPackets));
}

TEST_F(LossKernelTest, LosesTheShareThatWasAskedForInBothFamilies) {
  must(agent->apply("network.loss lossy: left | right (loss=5%)", seconds(60)));
  for (const IpFamily family : kBothFamilies) {
    const Losses losses = losses_of(send_across(family, kPackets));
    expect_share(losses.share, *make_loss(0.05, 1));
    EXPECT_NEAR(losses.burst, 1 / 0.95, 0.1);
  }
  const NodeView view = must(agent->core->observe());
  EXPECT_EQ(view.planes.at(0).observed, view.planes.at(0).desired);
  EXPECT_EQ(view.counters.at(2).what, "packets that met the dice");
  EXPECT_EQ(view.counters.at(2).count, 2U * kPackets);
}

TEST_F(LossKernelTest, LosesInBurstsOfTheLengthThatWasAskedFor) {
  must(agent->apply("network.loss bursty: left | right (loss=20%, model=burst, burst=5)",
                    seconds(60)));
  for (const IpFamily family : kBothFamilies) {
    const Losses losses = losses_of(send_across(family, kPackets));
    expect_share(losses.share, *make_loss(0.2, 5));
    // About 800 bursts, whose lengths scatter by 4.5: six standard deviations of their mean.
    EXPECT_NEAR(losses.burst, 5, 6 * 4.5 / std::sqrt(800));
  }
  const NodeView view = must(agent->core->observe());
  EXPECT_EQ(view.planes.at(0).observed, view.planes.at(0).desired);
}

// 1 - (1 - p)(1 - q), and what the second one meets is what the first one let through.
TEST_F(LossKernelTest, LossesCompose) {
  must(agent->apply("network.loss a: left | right (loss=10%)", seconds(60)));
  must(agent->apply("network.loss b: left | right (loss=20%)", seconds(60)));
  const Losses losses = losses_of(send_across(IpFamily::kV4, kPackets));
  expect_share(losses.share, *make_loss(0.28, 1));
  must(agent->core->heal(FaultId("a")));
  expect_share(losses_of(send_across(IpFamily::kV6, kPackets)).share, *make_loss(0.2, 1));
}

TEST_F(LossKernelTest, LosesEverythingAtAHundredPercentAndNothingAfterwards) {
  must(agent->apply("network.loss all: left | right (loss=100%)", seconds(60)));
  EXPECT_EQ(losses_of(send_across(IpFamily::kV4, 200)).share, 1);
  EXPECT_EQ(must(agent->core->observe()).planes.at(0).observed,
            "all: lose 100% from 198.18.0.2, fd00::2\n");
  must(agent->core->heal_all());
  EXPECT_EQ(losses_of(send_across(IpFamily::kV4, 200)).share, 0);
}

TEST_F(LossKernelTest, EndsWithItsLeaseThoughNobodyHealsIt) {
  must(agent->apply("network.loss all: left | right (loss=100%)", seconds(1)));
  EXPECT_TRUE(eventually([this] { return losses_of(send_across(IpFamily::kV6, 1)).share == 0; }));
}

}  // namespace
}  // namespace squall
