// The lab as its body sees it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "arena/arena.h"
#include "arena/delay_line.h"
#include "arena/lab_plan.h"
#include "base/fd.h"
#include "base/result.h"

namespace squall {

struct LabView {
  LabPlan plan;
  LabPaths paths;
  std::string self;
  std::vector<int> netns;  // in the plan's order; they stay open as long as the body lives
  std::map<std::string, std::string> facts;
  DelayLine delay_line;  // pid 0: none
  Fd init;               // "restart 3" and "pid 3", answered by the lab's init
};

// Thread-safe.
class LabArena final : public Arena {
 public:
  explicit LabArena(LabView view);

  // Until every agent answers; the error holds the end of the agent's own log.
  [[nodiscard]] Result<> wait_for_agents(Duration within);

  [[nodiscard]] const std::map<std::string, NodeAddresses>& addresses() const override;
  [[nodiscard]] AgentClient& agent(const NodeName& node) override;
  [[nodiscard]] std::string node_dir(const NodeName& node) const override;
  [[nodiscard]] std::string run_dir() const override;
  [[nodiscard]] std::string self() const override;
  [[nodiscard]] int node_netns(const NodeName& node) const override;
  [[nodiscard]] Result<> restart_agent(const NodeName& node) override;
  [[nodiscard]] int agent_pid(const NodeName& node) override;
  [[nodiscard]] std::map<std::string, std::string> facts() const override;

 private:
  // A node that is not there is our bug: names are checked long before.
  [[nodiscard]] std::size_t index_of(const NodeName& node) const;
  [[nodiscard]] Result<std::string> ask_init(const std::string& request);

  LabView view_;
  std::vector<std::unique_ptr<AgentClient>> clients_;
  std::mutex init_mutex_;  // one request at a time
};

}  // namespace squall
