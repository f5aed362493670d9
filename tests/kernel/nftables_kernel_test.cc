// nftables: atomic runs, owner tables, leases by set timeouts.
#include "kernel/nftables.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "kernel/namespaces.h"
#include "kernel/process.h"
#include "tests/support/holder.h"
#include "tests/support/own_namespaces.h"
#include "tests/support/two_nodes.h"

namespace squall {
namespace {

using testing::HasSubstr;
using testing::Not;

// Drops what `cut` holds at the receiver, and counts both ways.
constexpr const char* kCutTable =
    "add table inet squall { flags owner; }\n"
    "add counter inet squall dropped\n"
    "add counter inet squall passed\n"
    "add set inet squall cut4 { type ipv4_addr; flags timeout; }\n"
    "add set inet squall cut6 { type ipv6_addr; flags timeout; }\n"
    "add chain inet squall input { type filter hook input priority -300; }\n"
    "add rule inet squall input ip saddr @cut4 counter name dropped drop\n"
    "add rule inet squall input ip6 saddr @cut6 counter name dropped drop\n"
    "add rule inet squall input udp dport != 0 counter name passed\n";

std::string arm(const std::string& timeout) {
  return "flush set inet squall cut4\nflush set inet squall cut6\n"
         "add element inet squall cut4 { 198.18.0.1 timeout " +
         timeout +
         " }\n"
         "add element inet squall cut6 { fd00::1 timeout " +
         timeout + " }\n";
}

std::uint64_t packets(Nft& nft, const std::string& counter) {
  const std::string text = must(nft.list("list counter inet squall " + counter));
  const std::size_t at = text.find("packets ");
  CHECK(at != std::string::npos);
  return std::stoull(text.substr(at + 8));
}

class NftTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped()) return;
    netns_ = must(make_netns());
    observer_.emplace(must(Nft::open(netns_)));
  }

  Fd netns_;
  std::optional<Nft> observer_;
};

TEST_F(NftTest, ARunIsAppliedWholeOrNotAtAll) {
  must(observer_->run("add table inet t\nadd chain inet t c"));
  EXPECT_EQ(must(observer_->list("list ruleset")), "table inet t {\n\tchain c {\n\t}\n}\n");
  const Result<> half = observer_->run("add chain inet t d\nadd rule inet t nowhere drop\n");
  EXPECT_EQ(error_of(half),
            "nftables: line 2:17-23: Error: Could not process rule: No such file or directory\n"
            "add rule inet t nowhere drop\n"
            "                ^^^^^^^");
  EXPECT_EQ(must(observer_->list("list ruleset")), "table inet t {\n\tchain c {\n\t}\n}\n");
}

TEST_F(NftTest, ASyntaxErrorQuotesItsLine) {
  const Result<> wrong = observer_->run("add table inet t\nadd chian inet t c\n");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, Errc::kInvalid);
  EXPECT_THAT(wrong.error().what, HasSubstr("add chian inet t c"));
  EXPECT_EQ(must(observer_->list("list ruleset")), "");
}

TEST_F(NftTest, ListingWhatIsNotThereIsNotFound) {
  const Result<std::string> listed = observer_->list("list table inet nothing");
  ASSERT_FALSE(listed.ok());
  EXPECT_EQ(listed.error().code, Errc::kNotFound);
}

TEST_F(NftTest, TheSameAnswersComeAsJsonOneALine) {
  must(observer_->run("add table inet t\nadd chain inet t c\nadd counter inet t n"));
  const std::string json = must(observer_->json("list chain inet t c\nlist counters table inet t"));
  EXPECT_THAT(json, HasSubstr(R"({"chain": {"family": "inet", "table": "t", "name": "c", )"));
  EXPECT_THAT(json, HasSubstr("]}\n{"));
  EXPECT_THAT(json, HasSubstr(R"({"counter": {"family": "inet", "name": "n", )"));
}

// libnftables frees something of such a table twice.
TEST_F(NftTest, NobodyAsksForAWholeTableAsJson) {
  EXPECT_DEATH((void)observer_->json("list table inet t"), "command.find");
}

TEST_F(NftTest, AnOwnerTableIsOthersToReadButNotToChange) {
  Nft owner = must(Nft::open(netns_));
  must(owner.run(kCutTable));
  EXPECT_THAT(must(observer_->list("list tables")), HasSubstr("table inet squall"));
  EXPECT_THAT(error_of(observer_->run("delete table inet squall")),
              HasSubstr("Operation not permitted"));
  { const Nft moved = std::move(owner); }
  EXPECT_EQ(must(observer_->list("list tables")), "");
}

// libnftables reads its cache anew whenever somebody else changes anything; had it reopened its
// socket to do so, the kernel would have taken the table away.
TEST_F(NftTest, AnOwnerTableSurvivesManyRunsBesideABusyNeighbour) {
  Nft owner = must(Nft::open(netns_));
  must(owner.run(kCutTable));
  const std::string before = must(observer_->list("list chain inet squall input"));
  const Holder neighbour = must(Holder::start([this]() -> Result<> {
    if (::fork() != 0) return {};
    TRY(set_parent_death_signal(SIGKILL, ::getppid()));
    Nft busy = TRY(Nft::open(netns_));
    for (;;) TRY(busy.run("add table ip busy\nadd chain ip busy c\ndelete table ip busy"));
  }));
  for (int round = 0; round < 200; ++round) {
    must(owner.run(arm("5s")));
    must(owner.list("list set inet squall cut4"));
  }
  EXPECT_EQ(must(observer_->list("list chain inet squall input")), before);
  EXPECT_FALSE(observer_->run("delete table inet squall").ok());
}

TEST_F(NftTest, AnOwnerTableVanishesWhenItsOwnerIsKilled) {
  Holder owner = must(Holder::start([this]() -> Result<> {
    // Lives until the kill, in the holder's copy of the memory.
    auto* nft = new Nft(TRY(Nft::open(netns_)));
    return nft->run(kCutTable);
  }));
  ASSERT_THAT(must(observer_->list("list tables")), HasSubstr("table inet squall"));
  owner.kill();
  EXPECT_EQ(must(observer_->list("list tables")), "");
}

// A stack process that the agent starts must not inherit the socket, or the faults would outlive
// the agent for as long as the stack runs.
TEST_F(NftTest, AnOwnerTableVanishesAlthoughAProgramOfTheOwnerLivesOn) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const Fd reader(ends[0]);
  Fd writer(ends[1]);
  Holder owner = must(Holder::start([&]() -> Result<> {
    auto* nft = new Nft(TRY(Nft::open(netns_)));
    TRY(nft->run(kCutTable));
    const pid_t program = ::fork();
    if (program != 0) return {};
    if (::dup2(reader.get(), STDIN_FILENO) < 0) ::_exit(1);
    ::execl("/bin/cat", "cat", nullptr);  // ends when the test closes the pipe
    ::_exit(1);
  }));
  const std::vector<pid_t> programs = must(children(owner.pid()));
  ASSERT_EQ(programs.size(), 1U);
  const Fd program = must(open_pidfd(programs[0]));
  // The exec has happened once the name has changed.
  while (must(process_stat(programs[0])).name != "cat") ::sched_yield();
  owner.kill();
  EXPECT_FALSE(must(wait_for_exit(program, Duration(0))));
  EXPECT_EQ(must(observer_->list("list tables")), "");
  writer.reset();
  EXPECT_TRUE(must(wait_for_exit(program, kPatience)));
}

TEST_F(NftTest, ACutEndsByItselfWhileItsOwnerIsStopped) {
  const TwoNodes nodes = must(make_two_nodes());
  for (const IpFamily family : kBothFamilies) {
    Conversation talk = must(open_conversation(nodes, family));
    ASSERT_TRUE(is_answered(talk, kPatience));
    Holder owner = must(Holder::start([&nodes]() -> Result<> {
      auto* nft = new Nft(TRY(Nft::open(nodes.right)));
      TRY(nft->run(kCutTable));
      return nft->run(arm("2s"));
    }));
    must(talk.probe.send());
    owner.stop();
    // Bounded by probes, not by time: 2 s at 10 ms each would be 200.
    constexpr int kMaxProbes = 6000;
    int probes = 0;
    while (probes < kMaxProbes && !is_answered(talk, std::chrono::milliseconds(10))) ++probes;
    EXPECT_LT(probes, kMaxProbes);
    EXPECT_EQ(must(process_state(owner.pid())), 'T');
    Nft observer = must(Nft::open(nodes.right));
    EXPECT_GE(packets(observer, "dropped"), 1U);
  }
}

// The lease is 1 s and the cut lasts 2.5 leases, so every packet that is dropped near the end is
// dropped by a renewed element.
TEST_F(NftTest, RenewingByFlushAndAddLetsNoPacketSlip) {
  const TwoNodes nodes = must(make_two_nodes());
  Conversation talk = must(open_conversation(nodes, IpFamily::kV4));
  ASSERT_TRUE(is_answered(talk, kPatience));
  Nft nft = must(Nft::open(nodes.right));
  constexpr Duration kLease = std::chrono::seconds(1);
  must(nft.run(std::string(kCutTable) + arm(to_text(kLease))));
  const MonoTime start = system_clock().mono();
  std::uint64_t sent = 0;
  Duration longest_gap{0};
  for (MonoTime renewed = start; renewed - start < kLease * 5 / 2;) {
    for (int burst = 0; burst < 50; ++burst, ++sent) must(talk.probe.send());
    must(nft.run(arm(to_text(kLease))));
    const MonoTime now = system_clock().mono();
    longest_gap = std::max(longest_gap, now - renewed);
    renewed = now;
  }
  if (longest_gap >= kLease) GTEST_SKIP() << "this machine stood still for longer than the lease";
  // Packets cross the bridge on the sender's CPU or soon after: wait until all are accounted for.
  std::uint64_t dropped = 0;
  for (int look = 0; look < 10000 && dropped + packets(nft, "passed") < sent; ++look) {
    dropped = packets(nft, "dropped");
  }
  EXPECT_EQ(dropped, sent);
  EXPECT_EQ(packets(nft, "passed"), 0U) << "of " << sent;
  must(nft.run("flush set inet squall cut4"));
  EXPECT_TRUE(is_answered(talk, kPatience));
}

}  // namespace
}  // namespace squall
