// The real freezer, in each version that this machine lets us use.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include "kernel/freezer.h"
#include "kernel/process.h"
#include "kernel/wait.h"
#include "tests/support/freezer_cgroups.h"
#include "tests/support/holder.h"
#include "tests/support/own_namespaces.h"
#include "tests/support/two_nodes.h"

namespace squall {
namespace {

class FreezerTest : public testing::TestWithParam<FreezerParent> {
 protected:
  void SetUp() override {
    Result<Freezer> made = make_test_freezer("test", GetParam());
    if (!made.ok()) GTEST_SKIP() << made.error().what;
    freezer_.emplace(std::move(made).value());
  }
  void TearDown() override {
    if (freezer_) must(freezer_->remove());
  }
  std::optional<Freezer> freezer_;
};

// Sends 'x' as often as it is asked to: the sign of life that freezing stops.
class Chatter {
 public:
  static Result<> live(int in, int out) {
    for (char byte = 0; ::read(in, &byte, 1) == 1;) (void)!::write(out, &byte, 1);
    return {};
  }
};

TEST_P(FreezerTest, FreezesAndThawsAProcessAndItsChild) {
  const Holder holder = must(Holder::start([]() -> Result<> {
    const pid_t parent = ::getpid();
    if (::fork() != 0) return {};
    return set_parent_death_signal(SIGKILL, parent);
  }));
  const std::vector<pid_t> family = must(children(holder.pid()));
  ASSERT_EQ(family.size(), 1U);
  must(freezer_->add(holder.pid()));
  must(freezer_->add(family[0]));
  EXPECT_TRUE(must(freezer_->has_members()));
  EXPECT_FALSE(must(freezer_->is_frozen()));
  must(freezer_->freeze(kPatience));
  must(freezer_->freeze(kPatience));
  EXPECT_TRUE(must(freezer_->is_frozen()));
  EXPECT_NE(must(process_state(holder.pid())), 'T');
  must(freezer_->thaw());
  must(freezer_->thaw());
  EXPECT_FALSE(must(freezer_->is_frozen()));
}

TEST_P(FreezerTest, AFrozenProcessDoesNothingUntilItIsThawed) {
  int ask[2];
  int answer[2];
  ASSERT_EQ(::pipe(ask), 0);
  ASSERT_EQ(::pipe(answer), 0);
  const Fd asker(ask[1]);
  const Fd listener(answer[0]);
  const Holder holder = must(Holder::start([&]() -> Result<> {
    const pid_t parent = ::getpid();
    if (::fork() != 0) return {};
    TRY(set_parent_death_signal(SIGKILL, parent));
    return Chatter::live(ask[0], answer[1]);
  }));
  const Fd theirs_in(ask[0]);
  const Fd theirs_out(answer[1]);
  must(freezer_->add(must(children(holder.pid())).at(0)));
  char byte = 'x';
  ASSERT_EQ(::write(asker.get(), &byte, 1), 1);
  ASSERT_EQ(::read(listener.get(), &byte, 1), 1);
  must(freezer_->freeze(kPatience));
  ASSERT_EQ(::write(asker.get(), &byte, 1), 1);
  EXPECT_FALSE(must(wait_readable(listener, std::chrono::milliseconds(50))));
  must(freezer_->thaw());
  EXPECT_TRUE(must(wait_readable(listener, kPatience)));
}

TEST_P(FreezerTest, RemovingThawsAndLetsMembersGo) {
  const Holder holder = must(Holder::start([]() -> Result<> { return {}; }));
  must(freezer_->add(holder.pid()));
  must(freezer_->freeze(kPatience));
  must(freezer_->remove());
  must(freezer_->remove());
  EXPECT_EQ(Freezer::open(freezer_->path(), freezer_->version()).error().code, Errc::kNotFound);
  must(send_signal(holder.pidfd(), SIGKILL));
  EXPECT_TRUE(must(wait_for_exit(holder.pidfd(), kPatience)));
}

TEST_P(FreezerTest, AddingNobodyIsNotFound) {
  EXPECT_EQ(freezer_->add(1 << 22).error().code, Errc::kNotFound);
}

INSTANTIATE_TEST_SUITE_P(Cgroup, FreezerTest, freezer_parents(), version_name);

}  // namespace
}  // namespace squall
