// Capabilities across exec, and their end.
#include "kernel/capabilities.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "base/files.h"
#include "kernel/child.h"
#include "kernel/namespaces.h"
#include "kernel/netlink.h"
#include "kernel/process.h"
#include "tests/support/holder.h"
#include "tests/support/own_namespaces.h"

namespace squall {
namespace {

using CapabilitiesTest = KernelTest;

// A line of /proc/PID/status, for example "CapEff".
std::string status_of(pid_t pid, const std::string& field) {
  const std::string text = must(read_file("/proc/" + std::to_string(pid) + "/status"));
  const std::size_t at = text.find(field + ":\t") + field.size() + 2;
  return text.substr(at, text.find('\n', at) - at);
}

// Prepares a child by `prepare`, lets it exec a program, and looks at that program's capabilities.
class Program {
 public:
  explicit Program(Result<> (*prepare)()) {
    must(Result<>(::pipe(ends_) == 0 ? Result<>() : Result<>(errno_error("pipe"))));
    pid_ = ::fork();
    if (pid_ == 0) {
      (void)::close(ends_[1]);
      if (!prepare().ok() || ::dup2(ends_[0], STDIN_FILENO) < 0) ::_exit(1);
      ::execl("/bin/cat", "cat", nullptr);
      ::_exit(1);
    }
    while (must(process_stat(pid_)).name != "cat" && must(process_state(pid_)) != 'Z') {
      ::sched_yield();
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    (void)::close(ends_[0]);
    (void)::close(ends_[1]);  // end of file: cat ends
    (void)::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] std::string status(const std::string& field) const {
    return status_of(pid_, field);
  }

 private:
  int ends_[2] = {-1, -1};
  pid_t pid_ = 0;
};

constexpr const char* kNone = "0000000000000000";

TEST_F(CapabilitiesTest, WithoutHelpAnExecUnderANonZeroUidLosesThem) {
  const Program program([]() -> Result<> { return {}; });
  EXPECT_EQ(program.status("CapEff"), kNone);
}

TEST_F(CapabilitiesTest, RaisedOnesSurviveAnExec) {
  ASSERT_TRUE(has_capability(CAP_NET_ADMIN));
  const Program program(raise_ambient_caps);
  EXPECT_EQ(program.status("CapEff"), status_of(::getpid(), "CapPrm"));
  EXPECT_EQ(program.status("CapAmb"), status_of(::getpid(), "CapPrm"));
}

TEST_F(CapabilitiesTest, DroppedOnesAreGoneInEverySet) {
  const Program program([]() -> Result<> {
    TRY(raise_ambient_caps());
    return drop_all_caps();
  });
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
    EXPECT_EQ(program.status(set), kNone) << set;
  }
  EXPECT_EQ(program.status("NoNewPrivs"), "1");
}

TEST_F(CapabilitiesTest, WithoutThemTheKernelRefuses) {
  const Result<> refused = run_in_child([]() -> Result<> {
    TRY(drop_all_caps());
    if (has_capability(CAP_NET_ADMIN)) return Error{Errc::kInvalid, "still there"};
    Netlink netlink = TRY(Netlink::open());
    return netlink.add_bridge("br");
  });
  EXPECT_EQ(error_of(refused), "add bridge 'br': Operation not permitted");
}

}  // namespace
}  // namespace squall
