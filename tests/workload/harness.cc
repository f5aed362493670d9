// Real servers on loopback, and clients in processes of their own.
#include "tests/workload/harness.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/files.h"
#include "kernel/process.h"
#include "workload/connection.h"

namespace squall::testing_workload {
namespace {

constexpr Duration kPatience = std::chrono::seconds(30);

void exec(const std::string& program, std::vector<std::string> arguments, const std::string& log) {
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  arguments.insert(arguments.begin(), program);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  ::execv(program.c_str(), pointers.data());
}

}  // namespace

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "squall-workload-XXXXXX").string();
  CHECK(::mkdtemp(name.data()) != nullptr);
  folder_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;  // best effort
  std::filesystem::remove_all(folder_, ignored);
}

Child::Child(const std::function<void()>& body) {
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  CHECK(pid_ >= 0);
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() == parent) body();
  ::_exit(127);
}

Child::~Child() {
  kill();
}

void Child::signal(int number) const {
  ::kill(pid_, number);
}

void Child::kill() {
  if (pid_ < 0) return;
  signal(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

int Child::wait() {
  const Result<Fd> pidfd = open_pidfd(pid_);
  if (!pidfd.ok() || !wait_for_exit(*pidfd, kPatience).value_or(false)) return -2;
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::optional<std::string> find_server(const std::string& name) {
  std::string folders;
  for (const char* variable : {"SQUALL_STACKS", "SQUALL_SOURCE_DIR", "PATH"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr) continue;
    const bool is_source = std::string(variable) == "SQUALL_SOURCE_DIR";
    folders += std::string(value) + (is_source ? "/build/stacks/root/usr/bin:" : ":");
  }
  std::istringstream stream(folders);
  for (std::string folder; std::getline(stream, folder, ':');) {
    const std::string path = folder + "/" + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return std::nullopt;
}

std::uint16_t free_port() {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK(bind_socket(socket, {"127.0.0.1", 0}).ok());
  return bound_address(socket)->port;
}

bool eventually(const std::function<bool()>& holds) {
  const MonoTime end = system_clock().mono() + kPatience;
  while (!holds()) {
    if (system_clock().mono() > end) return false;
    (void)::poll(nullptr, 0, 5);
  }
  return true;
}

bool accepts_connections(std::uint16_t port) {
  return Connection::open({"127.0.0.1", port}, system_clock().mono() + std::chrono::seconds(1))
      .ok();
}

Server::Server(const std::string& program, std::vector<std::string> arguments,
               const std::string& log)
    : child_(std::make_unique<Child>([&] { exec(program, arguments, log); })) {}

Etcd::Etcd(const std::string& program) {
  const std::string client = "http://127.0.0.1:" + std::to_string(port);
  const std::string peer = "http://127.0.0.1:" + std::to_string(peer_port);
  server = std::make_unique<Server>(
      program,
      std::vector<std::string>{"--name", "n", "--data-dir", folder.path("data"),
                               "--listen-client-urls", client, "--advertise-client-urls", client,
                               "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                               "--initial-cluster", "n=" + peer, "--heartbeat-interval", "50",
                               "--election-timeout", "500", "--unsafe-no-fsync"},
      folder.path("log"));
  CHECK(eventually([&] { return accepts_connections(port); }));
}

Redis::Redis(const std::string& program, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--port", std::to_string(port), "--bind", "127.0.0.1", "--dir",
                                     folder.path(""), "--save", ""});
  server = std::make_unique<Server>(program, arguments, folder.path("log"));
  CHECK(eventually([&] { return accepts_connections(port); }));
}

ClientRun::ClientRun(const std::string& kind, const std::map<std::string, std::string>& params,
                     std::vector<std::int64_t> processes)
    : builder_(system_clock().mono(), 1000) {
  const EndpointAddress here{"n", "127.0.0.1", "::1", "eu"};
  config_ = ClientConfig{.name = kind,
                         .kind = kind,
                         .node = "n",
                         .processes = std::move(processes),
                         .endpoints = {here},
                         .all_nodes = {here},
                         .ring = folder_.path("ring"),
                         .params = params};
  reader_ = std::make_unique<RecorderReader>(*RecorderReader::create(config_.ring));
  (void)builder_.add_source({.client = config_.name, .node = "n"});
  start();
}

void ClientRun::start() {
  child_ = std::make_unique<Child>([this] {
    const int out =
        ::open(folder_.path("output").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(out, STDOUT_FILENO);
    const Result<> end = run_client(config_);
    if (!end.ok()) (void)!::write(STDERR_FILENO, end.error().what.data(), end.error().what.size());
    ::_exit(end.ok() ? 0 : 1);
  });
  CHECK(eventually([this] { return reader_->is_ready(); }));
  reader_->set_command(ClientCommand::kRun);
}

void ClientRun::start_again() {
  child_->kill();
  start();
}

void ClientRun::drain() {
  while (true) {
    const Result<std::optional<RecordedEvent>> event = reader_->next();
    CHECK(event.ok());
    if (!*event) return;
    const Result<> added = builder_.add(0, **event);
    CHECK(added.ok());
  }
}

bool ClientRun::run_until(const std::function<bool()>& holds) {
  return eventually([&] {
    drain();
    return holds();
  });
}

bool ClientRun::finish() {
  reader_->set_command(ClientCommand::kFinish);
  const bool is_clean = child_->wait() == 0;
  drain();
  builder_.finish();
  return is_clean;
}

OperationCounts ClientRun::totals() const {
  const auto found = builder_.totals().find(config_.name);
  return found == builder_.totals().end() ? OperationCounts{} : found->second;
}

std::size_t ClientRun::count(const std::string& function, Outcome outcome,
                             const std::string& error) const {
  std::size_t found = 0;
  const History& all = history();
  for (OpIndex op = 0; op < all.size(); ++op) {
    const bool is_named = all.functions().name(all.function()[op]) == function;
    const bool is_said = all.error(op).find(error) != std::string_view::npos;
    if (is_named && is_said && all.outcome()[op] == outcome) ++found;
  }
  return found;
}

std::string ClientRun::output() const {
  return read_file(folder_.path("output")).value_or("");
}

}  // namespace squall::testing_workload
