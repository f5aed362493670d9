// The driver's word about the end of a fault, over agents whose leases a test lets lapse.
#include "orchestrator/fault_driver.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "squall/v1/agent.grpc.pb.h"
#include "tests/history/temporary_folder.h"
#include "tests/orchestrator/small_run.h"

namespace squall {
namespace {

constexpr int kMostWaits = 60;  // of a second each, for one event

// Holds faults of the process `etcd`, and knows which of their leases have lapsed.
class FakeAgent final : public v1::Agent::Service {
 public:
  explicit FakeAgent(const std::string& socket) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + socket, grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  void lapse(const std::string& fault) {
    const std::lock_guard lock(mutex_);
    active_.erase(fault);
    lapsed_.insert(fault);
  }

  grpc::Status Apply(grpc::ServerContext*, const v1::ApplyRequest* request,
                     v1::ApplyReply* reply) override {
    const std::lock_guard lock(mutex_);
    active_.insert(request->fault().id());
    reply->set_applied_mono_ns(system_clock().mono().ns());
    return grpc::Status::OK;
  }

  grpc::Status Heal(grpc::ServerContext*, const v1::HealRequest* request,
                    v1::HealReply* reply) override {
    const std::lock_guard lock(mutex_);
    active_.erase(request->fault_id());
    if (lapsed_.contains(request->fault_id())) reply->add_lost(request->fault_id());
    reply->set_healed_mono_ns(system_clock().mono().ns());
    return grpc::Status::OK;
  }

  // Nothing of a lapse: as if the orchestrator had not asked since.
  grpc::Status Renew(grpc::ServerContext*, const v1::RenewRequest*, v1::RenewReply*) override {
    return grpc::Status::OK;
  }

  grpc::Status Observe(grpc::ServerContext*, const v1::ObserveRequest*,
                       v1::ObserveReply* reply) override {
    const std::lock_guard lock(mutex_);
    v1::ProcessStatus* etcd = reply->add_processes();
    etcd->set_name("etcd");
    etcd->set_state(active_.empty() ? "running" : "paused");
    return grpc::Status::OK;
  }

 private:
  std::mutex mutex_;
  std::set<std::string> active_;  // guarded by mutex_
  std::set<std::string> lapsed_;  // guarded by mutex_
  std::unique_ptr<grpc::Server> server_;
};

// The nodes of the small run, an agent each.
class FakeArena final : public Arena {
 public:
  FakeArena() {
    for (const char* node : {"e1", "e2", "e3"}) {
      const std::string socket = folder_ / node;
      agents_[node] = std::make_unique<FakeAgent>(socket);
      clients_[node] = std::make_unique<AgentClient>(node, socket);
    }
  }

  FakeAgent& fake(const std::string& node) { return *agents_.at(node); }

  [[nodiscard]] const std::map<std::string, NodeAddresses>& addresses() const override {
    return addresses_;
  }
  [[nodiscard]] AgentClient& agent(const NodeName& node) override {
    return *clients_.at(node.get());
  }
  [[nodiscard]] std::string node_dir(const NodeName&) const override { return ""; }
  [[nodiscard]] std::string run_dir() const override { return ""; }
  [[nodiscard]] std::string self() const override { return ""; }
  [[nodiscard]] int node_netns(const NodeName&) const override { return -1; }
  [[nodiscard]] Result<> restart_agent(const NodeName&) override { return {}; }
  [[nodiscard]] int agent_pid(const NodeName&) override { return 1; }
  [[nodiscard]] std::map<std::string, std::string> facts() const override { return {}; }

 private:
  TestFolder folder_;
  std::map<std::string, NodeAddresses> addresses_;
  std::map<std::string, std::unique_ptr<FakeAgent>> agents_;
  std::map<std::string, std::unique_ptr<AgentClient>> clients_;
};

// One fault of the small run, applied when the object is there.
class AppliedFault {
 public:
  explicit AppliedFault(const std::string& on)
      : scenario_(test::small_run("[{at: 0s, for: 1s, fault: process.pause, on: " + on + "}]")),
        driver_({arena_, scenario_, world_, events_, system_clock(), system_clock().mono()}) {
    driver_.apply(0, system_clock().mono());
    EXPECT_TRUE(next<FaultApplied>().has_value());
    // Seen paused: what a lapse changes comes later.
    EXPECT_TRUE(next<EvidenceFound>().has_value());
  }

  void lapse_on(const std::string& node) { arena_.fake(node).lapse("process.pause"); }

  // Heals; the ending that the record gets.
  std::string ending() {
    driver_.heal(0);
    const std::optional<FaultHealed> healed = next<FaultHealed>();
    return healed ? healed->ending : "never healed";
  }

 private:
  // What came before it is passed over.
  template <typename Event>
  std::optional<Event> next() {
    for (int waits = 0; waits < kMostWaits; ++waits) {
      while (!seen_.empty()) {
        const RunEvent event = std::move(seen_.front());
        seen_.pop_front();
        if (const auto* found = std::get_if<Event>(&event)) return *found;
      }
      for (RunEvent& event : events_.take(std::chrono::seconds(1))) {
        seen_.push_back(std::move(event));
      }
    }
    return std::nullopt;
  }

  FakeArena arena_;
  Scenario scenario_;
  std::vector<ClientProcess> clients_;
  SelectorWorld world_{scenario_.topology, clients_, {}, {}};
  RunEventQueue events_;
  std::deque<RunEvent> seen_;
  FaultDriver driver_;
};

TEST(FaultDriver, AFaultWhoseLeasesHeldIsHealed) {
  AppliedFault fault("region/eu");
  EXPECT_EQ(fault.ending(), "healed");
}

TEST(FaultDriver, ALapsedLeaseThatOnlyTheHealFindsEndsTheFaultAsLost) {
  AppliedFault fault("e1");
  fault.lapse_on("e1");
  EXPECT_EQ(fault.ending(), "lease lost");
}

TEST(FaultDriver, ALapseOnOneNodeOfSeveralIsEnough) {
  AppliedFault fault("region/eu");
  fault.lapse_on("e2");
  EXPECT_EQ(fault.ending(), "lease lost");
}

}  // namespace
}  // namespace squall
