// For tests of the workload: real servers on loopback, and clients in processes of their own.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workload/client.h"
#include "workload/history_builder.h"
#include "workload/recorder_ring.h"

namespace squall::testing_workload {

// A folder that is gone with the object.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

// A child that is killed and reaped with the object, and dies with us.
class Child {
 public:
  explicit Child(const std::function<void()>& body);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();
  void signal(int number) const;
  // Kills and reaps at once.
  void kill();
  // Its exit code; -1: a signal, -2: it did not end in time.
  int wait();

 private:
  pid_t pid_ = -1;
};

// Where a stack's server is: SQUALL_STACKS, build/stacks, PATH.
[[nodiscard]] std::optional<std::string> find_server(const std::string& name);
[[nodiscard]] std::uint16_t free_port();
// Looks every few milliseconds, for half a minute at most.
[[nodiscard]] bool eventually(const std::function<bool()>& holds);
[[nodiscard]] bool accepts_connections(std::uint16_t port);

class Server {
 public:
  Server(const std::string& program, std::vector<std::string> arguments, const std::string& log);
  [[nodiscard]] Child& child() { return *child_; }

 private:
  std::unique_ptr<Child> child_;
};

struct Etcd {
  explicit Etcd(const std::string& program);
  TempDir folder{};
  std::uint16_t port = free_port();
  std::uint16_t peer_port = free_port();
  std::unique_ptr<Server> server{};
};

struct Redis {
  explicit Redis(const std::string& program, std::vector<std::string> arguments = {});
  TempDir folder{};
  std::uint16_t port = free_port();
  std::unique_ptr<Server> server{};
};

// A client as in a run: its own process, its ring, and the history that comes out.
class ClientRun {
 public:
  ClientRun(const std::string& kind, const std::map<std::string, std::string>& params,
            std::vector<std::int64_t> processes);
  // Reads events until it holds.
  [[nodiscard]] bool run_until(const std::function<bool()>& holds);
  // Reads what there is.
  void drain();
  // Tells it to finish, waits for its end (exit code 0), and takes everything in.
  [[nodiscard]] bool finish();
  void command(ClientCommand command) { reader_->set_command(command); }
  [[nodiscard]] Child& child() { return *child_; }
  void start_again();

  [[nodiscard]] const History& history() const { return builder_.history(); }
  [[nodiscard]] HistoryBuilder& builder() { return builder_; }
  [[nodiscard]] OperationCounts totals() const;
  [[nodiscard]] std::size_t count(const std::string& function, Outcome outcome,
                                  const std::string& error = "") const;  // of the error: a part
  [[nodiscard]] std::string output() const;

 private:
  void start();

  TempDir folder_{};
  ClientConfig config_{};
  std::unique_ptr<RecorderReader> reader_{};
  HistoryBuilder builder_;
  std::unique_ptr<Child> child_{};
};

}  // namespace squall::testing_workload
