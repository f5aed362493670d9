// The inner side of the door: hands a node's namespaces to `squall shell`.
#pragma once

#include <poll.h>

#include <string>
#include <vector>

#include "arena/lab_nodes.h"
#include "arena/lab_plan.h"
#include "base/fd.h"
#include "base/result.h"

namespace squall {

// "squall-run-UID-PID": an abstract Unix socket of the process that called run_in_lab().  It
// vanishes with the lab.
[[nodiscard]] std::string door_name(unsigned uid, int pid);
// Made in the caller's network namespace, where `squall shell` will look for it.
[[nodiscard]] Result<Fd> open_door(const std::string& name);

// The order of the descriptors in an answer.
inline constexpr std::size_t kDoorFds = 6;  // user, mount, UTS, network, IPC, PID

// Part of the init's poll loop; never blocks.
class DoorServer {
 public:
  DoorServer(Fd listener, std::string search_path)
      : listener_(std::move(listener)), search_path_(std::move(search_path)) {}

  void add_to(std::vector<pollfd>& entries) const;
  void serve(const LabPlan& plan, const LabPaths& paths, const LabNodes& nodes);

 private:
  void accept_visitors();
  // False when the visitor is done with.
  [[nodiscard]] bool serve_one(const Fd& visitor, const LabPlan& plan, const LabPaths& paths,
                               const LabNodes& nodes) const;
  Fd listener_;
  std::string search_path_;
  std::vector<Fd> visitors_;
};

}  // namespace squall
