// Starts etcd from its arguments.
#include "tests/reference/registry_etcd.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

#include "base/check.h"
#include "base/fd.h"

namespace squall::reference {

std::optional<std::string> find_etcd() {
  std::string folders;
  for (const char* variable : {"SQUALL_STACKS", "SQUALL_SOURCE_DIR", "PATH"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr) continue;
    const std::string name = variable;
    const std::string text = value;
    if (name == "SQUALL_STACKS") folders += text + ":" + text + "/usr/bin:";
    if (name == "SQUALL_SOURCE_DIR") folders += text + "/build/stacks/root/usr/bin:";
    if (name == "PATH") folders += text;
  }
  std::istringstream stream(folders);
  for (std::string folder; std::getline(stream, folder, ':');) {
    const std::string path = folder + "/etcd";
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return std::nullopt;
}

std::uint16_t free_port() {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  CHECK(::bind(socket.get(), generic, size) == 0);
  CHECK(::getsockname(socket.get(), generic, &size) == 0);
  return ntohs(address.sin_port);
}

TestEtcd::TestEtcd(const std::string& program) : endpoint_{"127.0.0.1", free_port()} {
  std::string name = (std::filesystem::temp_directory_path() / "squall-test-etcd-XXXXXX").string();
  CHECK(::mkdtemp(name.data()) != nullptr);
  folder_ = name;
  const std::string client = "http://" + to_text(endpoint_);
  const std::string peer = "http://127.0.0.1:" + std::to_string(free_port());
  std::vector<std::string> words = {program,
                                    "--name",
                                    "e",
                                    "--data-dir",
                                    folder_ + "/data",
                                    "--listen-client-urls",
                                    client,
                                    "--advertise-client-urls",
                                    client,
                                    "--listen-peer-urls",
                                    peer,
                                    "--initial-advertise-peer-urls",
                                    peer,
                                    "--initial-cluster",
                                    "e=" + peer,
                                    "--heartbeat-interval",
                                    "50",
                                    "--election-timeout",
                                    "500",
                                    "--unsafe-no-fsync"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  CHECK(posix_spawn_file_actions_init(&actions) == 0);
  const std::string log = folder_ + "/log";
  CHECK(posix_spawn_file_actions_addopen(&actions, 2, log.c_str(), O_CREAT | O_WRONLY, 0600) == 0);
  CHECK(posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ) == 0);
  CHECK(posix_spawn_file_actions_destroy(&actions) == 0);
}

TestEtcd::~TestEtcd() {
  (void)::kill(pid_, SIGKILL);
  (void)::waitpid(pid_, nullptr, 0);
  std::error_code ignored;  // what cannot be removed is in the temporary folder
  std::filesystem::remove_all(folder_, ignored);
}

void TestEtcd::pause(bool is_paused) const {
  (void)::kill(pid_, is_paused ? SIGSTOP : SIGCONT);
}

}  // namespace squall::reference
