// This replica's entry in the registry: there while it is ready, with the versions that it has.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "reference/base/endpoint.h"
#include "reference/base/log.h"

namespace squall::reference {
class Registration;
}  // namespace squall::reference

namespace squall::reference::server {

using ReadyVersions = std::map<std::string, std::vector<std::string>>;

struct RegisteredPlan {
  std::vector<Endpoint> registry{};
  std::string name{};
  std::string region{};
  Endpoint http{};
  Endpoint grpc{};
};

// {"http":"ip:port","grpc":"ip:port","region":"eu","models":{"ranker":["1","2"]}}
[[nodiscard]] std::string replica_record(const RegisteredPlan& plan, const ReadyVersions& versions);

// Loop thread only; the registry is talked to on threads of its own.
class Registered {
 public:
  Registered(Log& log, RegisteredPlan plan);
  // Waits until the entry is gone, at most Registration::kRevokeLimit.
  ~Registered();
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;

  // Cheap where nothing has changed.
  void update(bool is_ready, const ReadyVersions& versions);

 private:
  void withdraw();

  Log& log_;
  RegisteredPlan plan_;
  ReadyVersions told_{};
  std::unique_ptr<Registration> registration_;
  std::thread withdrawal_{};
};

}  // namespace squall::reference::server
