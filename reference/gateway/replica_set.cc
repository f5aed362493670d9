// Probes on timers; the cores decide.
#include "reference/gateway/replica_set.h"

#include <utility>

namespace squall::reference {
namespace {

constexpr int kOk = 200;

std::string probe_path(HealthPolicy policy) {
  return policy == HealthPolicy::kProgress ? "/v2/health/ready" : "/v2/health/live";
}

}  // namespace

struct ReplicaSet::Member {
  Member(ReplicaRecord what, Loop& loop) : record(std::move(what)), timer(loop) {}
  ReplicaRecord record;
  std::size_t outstanding = 0;
  Timer timer;
  std::unique_ptr<HttpCall> probe{};
};

ReplicaSet::ReplicaSet(Loop& loop, const Clock& clock, const GatewayOptions& options,
                       OnEvent on_event)
    : loop_(loop),
      clock_(clock),
      options_(options),
      on_event_(std::move(on_event)),
      prober_(loop, {.idle_per_server = 1, .connecting = options.probe_timeout}),
      outliers_(options.outliers) {}

ReplicaSet::~ReplicaSet() = default;

void ReplicaSet::apply(const std::vector<ReplicaRecord>& records) {
  std::map<std::string_view, const ReplicaRecord*> wanted;
  for (const ReplicaRecord& record : records) wanted.emplace(record.name, &record);
  for (auto it = members_.begin(); it != members_.end();) {
    const auto found = wanted.find(it->first);
    const bool stays = found != wanted.end() && found->second->http == it->second->record.http;
    if (stays) {
      it->second->record = *found->second;  // versions come and go
      wanted.erase(found);
      ++it;
      continue;
    }
    prober_.forget(it->second->record.http);
    outliers_.remove(it->first);
    it = members_.erase(it);
  }
  for (const auto& [name, record] : wanted) {
    members_.emplace(name, std::make_unique<Member>(*record, loop_));
    outliers_.add(record->name, record->region);
    probe(record->name);
  }
}

void ReplicaSet::probe(const std::string& name) {
  Member& member = *members_.find(name)->second;
  const HttpRequest request{.target = probe_path(options_.outliers.policy)};
  member.probe =
      prober_.start(member.record.http, request, options_.probe_timeout,
                    [this, name](const HttpOutcome& outcome) { on_probe(name, outcome); });
}

void ReplicaSet::on_probe(const std::string& name, const HttpOutcome& outcome) {
  Member& member = *members_.find(name)->second;
  ProbeAnswer answer = ProbeAnswer::kNone;
  if (outcome.answer.ok()) {
    answer = outcome.answer->status == kOk ? ProbeAnswer::kGood : ProbeAnswer::kBad;
  }
  outliers_.on_probe(name, answer);
  member.timer.after(options_.probe_interval, [this, name] { probe(name); });
  tell_events();
}

std::optional<ReplicaSet::Pick> ReplicaSet::pick(const Wish& wish, Rng& rng) {
  std::vector<Candidate> candidates;
  std::vector<const Member*> members;
  for (const auto& [name, member] : members_) {
    const ReplicaRecord& record = member->record;
    const bool fits =
        wish.version.empty() ? record.has_model(wish.model) : record.has(wish.model, wish.version);
    if (!fits) continue;
    candidates.push_back({.index = members.size(),
                          .outstanding = member->outstanding,
                          .is_local = record.region == options_.region,
                          .is_available = outliers_.is_available(name),
                          .was_tried = wish.tried != nullptr && wish.tried->contains(name)});
    members.push_back(member.get());
  }
  if (candidates.empty()) return std::nullopt;
  // A turn per version, and none for retries: with one counter for all, two replicas of which the
  // first is dead would see every request start at the dead one, because its retry takes the
  // other's turn.
  std::uint64_t& turn = turns_[std::string(wish.model) + '/' + std::string(wish.version)];
  const bool is_retry = wish.tried != nullptr && !wish.tried->empty();
  const auto choice = choose(candidates, options_.balance, is_retry ? turn : turn++, rng);
  return Pick{members[choice->index]->record, choice->is_panic};
}

const ReplicaRecord* ReplicaSet::find(std::string_view name) const {
  const auto found = members_.find(name);
  return found == members_.end() ? nullptr : &found->second->record;
}

void ReplicaSet::on_sent(const std::string& name) {
  const auto found = members_.find(name);
  if (found != members_.end()) ++found->second->outstanding;
}

void ReplicaSet::on_end(const std::string& name, RequestEnd end, MonoTime sent) {
  const auto found = members_.find(name);
  // It may have left, or left and come back, meanwhile.
  if (found == members_.end()) return;
  if (found->second->outstanding > 0) --found->second->outstanding;
  const MonoTime now = clock_.mono();
  outliers_.on_request(name, end, now - sent, now);
  tell_events();
}

void ReplicaSet::tick() {
  outliers_.on_tick(clock_.mono());
  tell_events();
}

bool ReplicaSet::has_model(std::string_view model) const {
  for (const auto& [name, member] : members_) {
    if (member->record.has_model(model)) return true;
  }
  return false;
}

bool ReplicaSet::has_available(std::string_view model, std::string_view version) const {
  for (const auto& [name, member] : members_) {
    const bool fits =
        version.empty() ? member->record.has_model(model) : member->record.has(model, version);
    if (fits && outliers_.is_available(name)) return true;
  }
  return false;
}

void ReplicaSet::tell_events() {
  for (const OutlierEvent& event : outliers_.take_events()) on_event_(event);
}

}  // namespace squall::reference
