// The stack's processes behind the agent's socket: files, readiness, restarts, roots, privileges,
// and what a watcher is told.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/files.h"
#include "kernel/sockets.h"
#include "kernel/wait.h"
#include "tests/agent/served_agent.h"

namespace squall {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kShort = milliseconds(100);

class ProcessesKernelTest : public ServiceKernelTest {
 protected:
  std::string wait_ready(Duration within) {
    v1::WaitReadyRequest request;
    request.set_name("sleeper");
    request.set_within_ns(within.count());
    v1::WaitReadyReply reply;
    const grpc::Status status = stub_->WaitReady(fresh().get(), request, &reply);
    if (!status.ok()) return status.error_message();
    EXPECT_GT(reply.ready_mono_ns(), 0);
    return "ready";
  }
  // Listens on the node's address, on a port of the kernel's choice.
  [[nodiscard]] Fd listener() const {
    Fd fd = must(open_socket(nodes.left, IpFamily::kV4, SocketKind::kTcp));
    must(bind_socket(fd, {.ip = "198.18.0.1", .port = 0}));
    return fd;
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(ProcessesKernelTest, FilesAreThereBeforeTheStartAndALineOfTheLogMakesItReady) {
  v1::StartRequest request = sleeper_request();
  request.clear_command();
  for (const char* word : {"tail", "-f", "conf/greeting"}) request.add_command(word);
  (*request.mutable_files())["conf/greeting"] = "first\nhello there\n";
  request.mutable_ready()->set_log("^hel+o .*e$");
  ASSERT_GT(start(request), 0);
  EXPECT_EQ(wait_ready(kPatience), "ready");
  EXPECT_EQ(must(read_file(request.directory() + "/conf/greeting")), "first\nhello there\n");
}

TEST_F(ProcessesKernelTest, WithoutItsLineItIsNeverReady) {
  v1::StartRequest request = sleeper_request();
  request.mutable_ready()->set_log("^never$");
  ASSERT_GT(start(request), 0);
  EXPECT_PRED2(contains, wait_ready(kShort), "no line of its log matches '^never$'");
}

TEST_F(ProcessesKernelTest, OneThatEndsBeforeItIsReadyIsSaidSo) {
  v1::StartRequest request = sleeper_request();
  request.clear_command();
  request.add_command("false");
  request.mutable_ready()->set_log("^never$");
  ASSERT_GT(start(request), 0);
  EXPECT_PRED2(contains, wait_ready(kPatience), "exited 1 before it was ready");
}

TEST_F(ProcessesKernelTest, AnOpenPortMakesItReady) {
  const Fd server = listener();
  const std::string port = std::to_string(must(bound_address(server)).port);
  v1::StartRequest request = sleeper_request();
  request.mutable_ready()->set_tcp("198.18.0.1:" + port);
  ASSERT_GT(start(request), 0);
  EXPECT_PRED2(contains, wait_ready(kShort), "refused");
  ASSERT_EQ(::listen(server.get(), 8), 0);
  EXPECT_EQ(wait_ready(kPatience), "ready");
}

TEST_F(ProcessesKernelTest, OnlyAGoodHttpAnswerMakesItReady) {
  const Fd server = listener();
  ASSERT_EQ(::listen(server.get(), 8), 0);
  std::atomic<bool> is_healthy = false;
  // Answers until the listening socket is shut down.
  std::thread answering([&] {
    while (wait_readable(server, kPatience).value_or(false)) {
      const Fd caller(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!caller.is_open()) return;
      char request[512];
      (void)wait_readable(caller, kPatience);
      (void)::recv(caller.get(), request, sizeof request, 0);
      const std::string status = is_healthy ? "204 Fine" : "503 Not Yet";
      const std::string answer = "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n";
      (void)::send(caller.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  });
  const std::string port = std::to_string(must(bound_address(server)).port);
  v1::StartRequest request = sleeper_request();
  request.mutable_ready()->set_http("http://198.18.0.1:" + port + "/health");
  EXPECT_GT(start(request), 0);
  EXPECT_PRED2(contains, wait_ready(kShort), "answered 503");
  is_healthy = true;
  EXPECT_EQ(wait_ready(kPatience), "ready");
  (void)::shutdown(server.get(), SHUT_RDWR);
  answering.join();
}

TEST_F(ProcessesKernelTest, IsRestartedOnlyWhenItFailed) {
  v1::StartRequest request = sleeper_request();
  request.clear_command();
  request.add_command("false");
  request.set_restart_on_failure(true);
  ASSERT_GT(start(request), 0);
  EXPECT_TRUE(eventually([this] { return sleeper().restarts() >= 2; }));
  v1::StopRequest stop;
  stop.set_name("sleeper");
  ASSERT_TRUE(stub_->Stop(fresh().get(), stop, &nothing_).ok());
  request.set_command(0, "true");
  ASSERT_GT(start(request), 0);
  EXPECT_TRUE(eventually([this] { return sleeper().state() == "exited 0"; }));
  EXPECT_EQ(sleeper().restarts(), 0U);
}

TEST_F(ProcessesKernelTest, HasNoPrivilegesWhateverTheAgentHas) {
  const std::string own = must(read_file("/proc/" + std::to_string(agent_) + "/status"));
  EXPECT_FALSE(contains(own, "CapEff:\t0000000000000000\n"));
  const pid_t pid = start_sleeper();
  const std::string status = must(read_file("/proc/" + std::to_string(pid) + "/status"));
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
    EXPECT_PRED2(contains, status, std::string(set) + ":\t0000000000000000\n");
  }
  EXPECT_PRED2(contains, status, "NoNewPrivs:\t1\n");
}

// What "sleep" needs, and nothing else.
void copy_program(const std::string& root) {
  namespace fs = std::filesystem;
  for (const char* file :
       {"/bin/sleep", "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"}) {
    ASSERT_TRUE(fs::exists(file)) << file;
    fs::create_directories(fs::path(root + file).parent_path());
    fs::copy_file(fs::canonical(file), root + file);
  }
}

TEST_F(ProcessesKernelTest, RunsInARootOfItsOwn) {
  const std::string root = folder.path() + "/root";
  copy_program(root);
  v1::StartRequest request = sleeper_request();
  request.set_root(root);
  request.set_directory("/data");
  (*request.mutable_files())["greeting"] = "hello";
  const pid_t pid = start(request);
  ASSERT_GT(pid, 0);
  const std::string seen = "/proc/" + std::to_string(pid);
  EXPECT_EQ(std::filesystem::read_symlink(seen + "/root").string(), root);
  EXPECT_EQ(must(read_file(seen + "/cwd/greeting")), "hello");
  EXPECT_EQ(sleeper().state(), "running");
  const std::string status = must(read_file(seen + "/status"));
  EXPECT_PRED2(contains, status, "CapEff:\t0000000000000000\n");
}

// What a watch has told, as text.
class Watcher {
 public:
  explicit Watcher(v1::Agent::Stub& stub)
      : context_(fresh_context()), reader_(stub.Watch(context_.get(), {})) {
    reader_->WaitForInitialMetadata();  // from here on nothing is missed
    thread_ = std::thread([this] { read(); });
  }
  ~Watcher() {
    context_->TryCancel();
    thread_.join();
  }
  bool has_seen(const std::string& line) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return contains(text_, line + "\n"); });
  }

 private:
  void read() {
    for (v1::Event event; reader_->Read(&event);) {
      EXPECT_GT(event.mono_ns(), 0);
      const std::lock_guard lock(mutex_);
      if (event.has_process()) text_ += event.process().name() + " " + event.process().state();
      if (event.has_lost_lease()) text_ += "lost " + event.lost_lease().fault_id();
      if (event.has_note()) text_ += event.note();
      text_ += "\n";
      changed_.notify_all();
    }
  }
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<v1::Event>> reader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_ = "\n";
  std::thread thread_;
};

TEST_F(ProcessesKernelTest, AWatcherIsToldOfProcessesAndLostLeases) {
  Watcher watcher(*stub_);
  ASSERT_GT(start_sleeper(), 0);
  EXPECT_TRUE(watcher.has_seen("\nsleeper running"));
  ASSERT_EQ(apply("network.partition cut: left | right", seconds(1)), "ok");
  EXPECT_TRUE(watcher.has_seen("\nlost cut"));  // nobody renews
  EXPECT_TRUE(watcher.has_seen("\nfault cut is over: nobody renewed its lease"));
  ASSERT_EQ(apply("process.kill k: left/sleeper"), "ok");
  EXPECT_TRUE(watcher.has_seen("\nsleeper killed by 9"));
}

}  // namespace
}  // namespace squall
