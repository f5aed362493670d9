// The replicas that the registry names, each with its probes and the requests under way.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reference/base/http_client.h"
#include "reference/base/loop.h"
#include "reference/gateway/options.h"
#include "reference/registry/records.h"

namespace squall::reference {

// Loop thread only.
class ReplicaSet {
 public:
  struct Pick {
    ReplicaRecord replica;
    bool is_panic = false;  // nobody is available
  };
  struct Wish {
    std::string_view model;
    std::string_view version;              // "": any
    const std::set<std::string>* tried{};  // null: none
  };
  using OnEvent = std::function<void(const OutlierEvent&)>;

  ReplicaSet(Loop& loop, const Clock& clock, const GatewayOptions& options, OnEvent on_event);
  ~ReplicaSet();
  ReplicaSet(const ReplicaSet&) = delete;

  // From now on these and no others.  One whose address changed is a new one.
  void apply(const std::vector<ReplicaRecord>& records);
  // Nothing: no replica has the version.
  [[nodiscard]] std::optional<Pick> pick(const Wish& wish, Rng& rng);
  [[nodiscard]] const ReplicaRecord* find(std::string_view name) const;
  void on_sent(const std::string& name);
  // `sent` was on_sent's time; every on_sent is followed by one.
  void on_end(const std::string& name, RequestEnd end, MonoTime sent);
  // Call it every 20 ms or so.
  void tick();

  [[nodiscard]] bool has_model(std::string_view model) const;
  [[nodiscard]] bool has_available(std::string_view model, std::string_view version) const;
  [[nodiscard]] bool is_available(const std::string& name) const {
    return outliers_.is_available(name);
  }
  [[nodiscard]] std::size_t size() const { return members_.size(); }

 private:
  struct Member;
  void probe(const std::string& name);
  void on_probe(const std::string& name, const HttpOutcome& outcome);
  void tell_events();

  Loop& loop_;
  const Clock& clock_;
  const GatewayOptions& options_;
  OnEvent on_event_;
  HttpClient prober_;
  OutlierCore outliers_;
  std::map<std::string, std::unique_ptr<Member>, std::less<>> members_;
  std::map<std::string, std::uint64_t> turns_{};  // by model and version
};

}  // namespace squall::reference
