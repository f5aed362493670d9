// A real etcd for tests, on loopback.
#pragma once

#include <spawn.h>

#include <optional>
#include <string>

#include "reference/base/endpoint.h"

namespace squall::reference {

// Where etcd is: SQUALL_STACKS, the source tree's build/stacks, PATH.
[[nodiscard]] std::optional<std::string> find_etcd();

// One member, on free ports, with its data in a folder of its own; killed with the object.
class TestEtcd {
 public:
  explicit TestEtcd(const std::string& program);
  ~TestEtcd();
  TestEtcd(const TestEtcd&) = delete;
  TestEtcd& operator=(const TestEtcd&) = delete;

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  // Stops it like kill -STOP, or lets it go on.
  void pause(bool is_paused) const;

 private:
  std::string folder_;
  Endpoint endpoint_;
  pid_t pid_ = -1;
};

// A port of loopback that nobody listens on now.
[[nodiscard]] std::uint16_t free_port();

}  // namespace squall::reference
