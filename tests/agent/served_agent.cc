// Launches agents and orchestrators, and calls them.
#include "tests/agent/served_agent.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/files.h"
#include "kernel/namespaces.h"

namespace squall {
namespace {

constexpr int kRenewEveryMs = 200;
constexpr int kAnswerWithin = 60;  // seconds

[[noreturn]] void run_agent_in(const std::string& netns, const std::string& config) {
  const auto scope = must(NetnsScope::enter(must(open_namespace(netns, NamespaceKind::kNetwork))));
  const Result<> served = run_agent(must(read_agent_config(config)));
  if (!served.ok()) ADD_FAILURE() << served.error().what;
  ::_exit(served.ok() ? 0 : 1);
}

[[noreturn]] void run_orchestrator(const std::string& socket) {
  const auto stub = connect_to_agent(socket);
  for (const char* fault : kServedFaults) {
    const std::string applied = apply_by(*stub, fault, kServedLease);
    if (applied != "ok") ADD_FAILURE() << applied;
  }
  for (;;) {
    v1::RenewRequest request;
    request.set_lease_ns(kServedLease.count());
    v1::RenewReply reply;
    grpc::ClientContext context;
    (void)stub->Renew(&context, request, &reply);  // a dead agent answers nothing
    (void)::poll(nullptr, 0, kRenewEveryMs);
  }
}

int answer(const std::string& request) {
  const std::size_t space = request.find(' ');
  int status = 0;
  if (space == std::string::npos) {
    (void)::waitpid(std::stoi(request), &status, 0);
    return status;
  }
  const std::string first = request.substr(0, space);
  const std::string second = request.substr(space + 1);
  const pid_t pid = ::fork();
  if (pid == 0 && first == "orchestrator") run_orchestrator(second);
  if (pid == 0) run_agent_in(first, second);
  return pid;
}

[[noreturn]] void serve(const Fd& channel) {
  for (;;) {
    char buffer[1024];
    const ssize_t size = ::recv(channel.get(), buffer, sizeof buffer, 0);
    if (size <= 0) ::_exit(0);
    const int result = answer(std::string(buffer, static_cast<std::size_t>(size)));
    (void)::send(channel.get(), &result, sizeof result, 0);
  }
}

}  // namespace

Launcher& Launcher::the() {
  static Launcher launcher;
  return launcher;
}

Launcher::Launcher() {
  int ends[2];
  CHECK(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
  ours_ = Fd(ends[0]);
  const Fd theirs(ends[1]);
  const pid_t pid = ::fork();
  CHECK(pid >= 0);
  if (pid != 0) return;
  ours_.reset();
  serve(theirs);
}

int Launcher::ask(const std::string& request) {
  int answer = -1;
  CHECK(::send(ours_.get(), request.data(), request.size(), 0) > 0);
  CHECK(::recv(ours_.get(), &answer, sizeof answer, 0) == sizeof answer);
  return answer;
}

pid_t Launcher::start_agent(const Fd& netns, const std::string& config) {
  return ask("/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(netns.get()) + " " +
             config);
}

pid_t Launcher::start_orchestrator(const std::string& socket) {
  return ask("orchestrator " + socket);
}

int Launcher::end(pid_t process, int signal) {
  must(send_signal(must(open_pidfd(process)), signal));
  return ask(std::to_string(process));
}

std::unique_ptr<v1::Agent::Stub> connect_to_agent(const std::string& socket) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // the last agent's is broken
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  const auto channel =
      grpc::CreateCustomChannel("unix:" + socket, grpc::InsecureChannelCredentials(), arguments);
  CHECK(channel->WaitForConnected(std::chrono::system_clock::time_point::max()));
  return v1::Agent::NewStub(channel);
}

std::unique_ptr<grpc::ClientContext> fresh_context() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_wait_for_ready(true);
  // A dead agent is a failed test, not one that hangs.
  context->set_deadline(gpr_time_from_seconds(kAnswerWithin, GPR_TIMESPAN));
  return context;
}

std::string apply_by(v1::Agent::Stub& stub, const std::string& line, Duration lease) {
  const Fault fault = must(parse_fault(line));
  v1::ApplyRequest request;
  request.set_lease_ns(lease.count());
  request.mutable_fault()->set_id(fault.id.get());
  request.mutable_fault()->set_kind(fault.kind);
  for (const auto& side : fault.sides) {
    v1::Side* message = request.mutable_fault()->add_sides();
    for (const Target& target : side) {
      v1::Target* one = message->add_targets();
      one->set_node(target.node.get());
      one->set_process(target.process.get());
    }
  }
  for (const auto& [name, value] : fault.params.all()) {
    if (!value.empty()) (*request.mutable_fault()->mutable_params())[name] = value;
  }
  v1::ApplyReply reply;
  const grpc::Status status = stub.Apply(fresh_context().get(), request, &reply);
  return status.ok() ? "ok" : status.error_message();
}

void ServiceKernelTest::SetUp() {
  KernelTest::SetUp();
  if (IsSkipped()) return;
  (void)Launcher::the();
  nodes = must(make_two_nodes());
  config.node = NodeName("left");
  config.socket = folder.path() + "/door/agent.sock";
  config.state_dir = folder.path() + "/state";
  config.search_path = "/usr/bin:/bin";
  config.nodes = {{"left", {"198.18.0.1", "fd00::1"}}, {"right", {"198.18.0.2", "fd00::2"}}};
  start_agent();
}

void ServiceKernelTest::TearDown() {
  if (agent_ <= 0) return;
  (void)stub_->Stop(fresh().get(), {}, &nothing_);
  end_agent(SIGKILL);
}

void ServiceKernelTest::start_agent() {
  const std::string path = folder.path() + "/agent.json";
  must(write_file(path, to_json(config)));
  agent_ = Launcher::the().start_agent(nodes.left, path);
  ASSERT_GT(agent_, 0);
  stub_ = connect_to_agent(config.socket);
}

int ServiceKernelTest::end_agent(int signal) {
  return Launcher::the().end(std::exchange(agent_, 0), signal);
}

v1::StartRequest ServiceKernelTest::sleeper_request() const {
  v1::StartRequest request;
  request.set_name("sleeper");
  request.add_command("sleep");
  request.add_command("60");
  request.set_directory(folder.path() + "/sleeper");
  request.set_log_path(folder.path() + "/sleeper.log");
  return request;
}

pid_t ServiceKernelTest::start(const v1::StartRequest& request) {
  v1::StartReply reply;
  const grpc::Status status = stub_->Start(fresh().get(), request, &reply);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return reply.pid();
}

v1::ProcessStatus ServiceKernelTest::sleeper() {
  v1::StatusReply reply;
  EXPECT_TRUE(stub_->Status(fresh().get(), {}, &reply).ok());
  return reply.processes_size() == 1 ? reply.processes(0) : v1::ProcessStatus();
}

}  // namespace squall
