// What the fault side of an agent needs to know of the stack's processes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "kernel/process.h"

namespace squall {

class StackProcesses {
 public:
  virtual ~StackProcesses() = default;
  // Everything that was ever started and not stopped for good.
  [[nodiscard]] virtual std::vector<std::string> names() const = 0;
  // Who it is at this moment; nothing while it is down.
  [[nodiscard]] virtual std::optional<ProcessId> find(const ProcessName& process) const = 0;
  // When it ends next, it is started again `after` that.
  virtual void plan_restart(const ProcessName& process, Duration after) = 0;
};

}  // namespace squall
