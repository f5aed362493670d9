// For tests of open loops: a client on a thread of this process (a fork would not get on with the
// threads of a server here), its ring, and the history that comes out.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/workload/harness.h"
#include "workload/client.h"
#include "workload/history_builder.h"

namespace squall::testing_workload {

class LoopRun {
 public:
  // Runs `body` with the ring's path; it opens the writing side and goes by its commands.
  explicit LoopRun(const std::function<void(const std::string& ring)>& body);
  // The client `inference` against these addresses.
  LoopRun(const std::map<std::string, std::string>& params,
          const std::vector<std::string>& addresses, std::int64_t processes);
  LoopRun(const LoopRun&) = delete;
  LoopRun& operator=(const LoopRun&) = delete;
  ~LoopRun();

  // Reads events until it holds, for half a minute at most.
  [[nodiscard]] bool run_until(const std::function<bool()>& holds);
  // Until so many operations are over; then tells it to finish, and takes everything in.
  [[nodiscard]] bool finish_after(std::size_t operations);
  void command(ClientCommand command) { reader_.set_command(command); }
  // Commands, waits for the client's end, and takes everything in.
  void end(ClientCommand command);

  [[nodiscard]] const History& history() const { return builder_.history(); }
  [[nodiscard]] const HistoryBuilder& builder() const { return builder_; }
  // "ok", "fail: text", "info: text", each as often as it was seen.
  [[nodiscard]] std::map<std::string, int> outcomes() const;
  // What the client itself ended with: "" for well.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  void begin(const std::function<void(const std::string& ring)>& body);
  void drain();

  TempDir folder_{};
  RecorderReader reader_;
  HistoryBuilder builder_;
  std::string error_{};
  std::thread thread_{};
};

}  // namespace squall::testing_workload
