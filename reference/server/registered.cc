// Keeps a Registration while ready.
#include "reference/server/registered.h"

#include <utility>

#include "reference/base/json_text.h"
#include "reference/registry/registration.h"

namespace squall::reference::server {

std::string replica_record(const RegisteredPlan& plan, const ReadyVersions& versions) {
  std::string out = "{\"http\":";
  append_json(out, to_text(plan.http));
  out += ",\"grpc\":";
  append_json(out, to_text(plan.grpc));
  out += ",\"region\":";
  append_json(out, plan.region);
  out += ",\"models\":{";
  for (const auto& [model, numbers] : versions) {
    if (out.back() != '{') out += ',';
    append_json(out, model);
    out += ":[";
    for (const std::string& number : numbers) {
      if (out.back() != '[') out += ',';
      append_json(out, number);
    }
    out += ']';
  }
  return out + "}}";
}

Registered::Registered(Log& log, RegisteredPlan plan) : log_(log), plan_(std::move(plan)) {}

Registered::~Registered() {
  withdraw();
  if (withdrawal_.joinable()) withdrawal_.join();
}

void Registered::update(bool is_ready, const ReadyVersions& versions) {
  if (!is_ready) return withdraw();
  const bool is_news = std::exchange(told_, versions) != versions;
  if (registration_) {
    if (is_news) registration_->update(replica_record(plan_, versions));
    return;
  }
  // Ending one may wait for the registry; a replica that came back at once waits for its own end.
  if (withdrawal_.joinable()) withdrawal_.join();
  registration_ = std::make_unique<Registration>(
      RegistrationPlan{.registry = plan_.registry,
                       .key = "/squall-ref/replicas/" + plan_.name,
                       .value = replica_record(plan_, versions),
                       .on_event = [this](RegistrationEvent event, const std::string& what) {
                         log_.info("registry", {{"state", to_text(event)}, {"cause", what}});
                       }});
}

void Registered::withdraw() {
  if (!registration_) return;
  if (withdrawal_.joinable()) withdrawal_.join();
  withdrawal_ = std::thread([ended = std::move(registration_)]() mutable { ended.reset(); });
}

}  // namespace squall::reference::server
