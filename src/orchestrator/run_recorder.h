// Writes the run file while the run goes on.
#pragma once

#include <map>
#include <string>

#include "arena/arena.h"
#include "base/result.h"
#include "history/run_file.h"
#include "orchestrator/run.h"
#include "orchestrator/run_events.h"

namespace squall {

// The run loop owns it; not thread-safe.
class RunRecorder {
 public:
  explicit RunRecorder(RunFileWriter file) : file_(std::move(file)) {}

  [[nodiscard]] RunFileWriter& file() { return file_; }
  // What is known before anything has run: scenario, seed, environment.
  void write_head(const RunSetup& setup, const Arena& arena, const Clock& clock);
  void add_agents(const std::map<std::string, AgentCapabilities>& agents);

  // Times are ns since the start of the run.
  void add_fault(const FaultInterval& fault);
  // Ends the fault's interval, unless it has ended already; how it ended.
  std::string end_fault(const std::string& id, std::int64_t at, const std::string& ending);
  // Whether it is a change, and not the first leader seen.
  bool add_leader(std::int64_t at, const LeaderSeen& seen);
  void add_log(std::int64_t at, const std::string& node, const std::string& process,
               const std::string& text);
  [[nodiscard]] const std::map<std::string, FaultInterval>& faults() const { return faults_; }

  // New operations since the last call, then a commit.
  [[nodiscard]] Result<> commit(const History& history);

 private:
  RunFileWriter file_;
  std::map<std::string, FaultInterval> faults_;
  std::map<std::string, std::string> leaders_;  // by role
  OpIndex written_ = 0;
};

}  // namespace squall
