// Check, open, follow; check again.
#include "reference/registry/registry_watch.h"

#include <algorithm>

namespace squall::reference {
namespace {

constexpr int kOk = 200;
// Between tries while no member answers: an answer that comes at once (connection refused) must not
// make us spin.
constexpr Duration kRetryPause = std::chrono::milliseconds(100);

}  // namespace

std::string_view to_text(WatchEvent event) {
  switch (event) {
    case WatchEvent::kWatching:
      return "watching";
    case WatchEvent::kLost:
      return "lost";
    case WatchEvent::kCompacted:
      return "compacted";
    case WatchEvent::kFailing:
      break;
  }
  return "failing";
}

RegistryWatch::RegistryWatch(RegistryWatchPlan plan)
    : plan_(std::move(plan)), client_(plan_.registry) {
  CHECK(plan_.on_state != nullptr);
  for (const Endpoint& endpoint : plan_.registry) {
    streams_.push_back({endpoint, std::make_unique<EtcdConnection>(endpoint)});
  }
  thread_ = std::thread([this] { run(); });
}

RegistryWatch::~RegistryWatch() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stopped_.notify_all();
  client_.cancel();
  for (const Member& member : streams_) member.connection->cancel();
  thread_.join();
}

void RegistryWatch::tell(WatchEvent event, const std::string& what) const {
  if (plan_.on_event) plan_.on_event(event, what);
}

void RegistryWatch::publish() {
  plan_.on_state(std::make_shared<const RegistryState>(state_));
}

// A read that had to leave its member says that the watch's member is not to be trusted either.
Result<> RegistryWatch::check() {
  const MonoTime deadline = system_clock().mono() + plan_.answer_limit;
  const etcd::RangeReply snapshot = TRY(client_.read_prefix(plan_.prefix, plan_.mode, deadline));
  if (state_.apply(snapshot)) publish();
  if (open_ != nullptr && open_->endpoint != client_.current()) {
    lose({Errc::kIo, to_text(open_->endpoint) + " does not answer"});
  }
  return {};
}

Result<> RegistryWatch::open() {
  const auto member = std::find_if(streams_.begin(), streams_.end(), [&](const Member& candidate) {
    return candidate.endpoint == client_.current();
  });
  CHECK(member != streams_.end());
  const EtcdPost watch = etcd::watch_prefix(plan_.prefix, state_.revision() + 1, plan_.mode);
  const MonoTime deadline = system_clock().mono() + plan_.answer_limit;
  const int status = TRY(member->connection->open_stream(watch, deadline));
  if (status != kOk) {
    member->connection->close();
    return Error{Errc::kIo,
                 "watch " + to_text(member->endpoint) + ": HTTP " + std::to_string(status)};
  }
  open_ = &*member;
  lines_ = LineSplitter();
  tell(WatchEvent::kWatching, to_text(open_->endpoint));
  return {};
}

Result<> RegistryWatch::apply_lines(const std::string& bytes) {
  (void)TRY(lines_.add(bytes));
  while (const std::optional<std::string> line = lines_.next()) {
    const etcd::WatchMessage message = TRY(etcd::read_watch_line(*line));
    if (message.compacted > 0) {
      tell(WatchEvent::kCompacted, std::to_string(message.compacted));
      return Error{Errc::kIo, "compacted at revision " + std::to_string(message.compacted)};
    }
    if (message.is_cancelled) return Error{Errc::kIo, "cancelled: " + message.why};
    if (state_.apply(message)) publish();
  }
  return {};
}

Result<> RegistryWatch::follow(MonoTime until) {
  while (system_clock().mono() < until && !is_stopping_) {
    const std::string bytes = TRY(open_->connection->read_stream(until));
    (void)TRY(apply_lines(bytes));
  }
  return {};
}

void RegistryWatch::lose(const Error& error) {
  if (open_ == nullptr) return;
  if (!is_stopping_) tell(WatchEvent::kLost, error.what);
  open_->connection->close();
  open_ = nullptr;
}

void RegistryWatch::run() {
  while (!is_stopping_) {
    const MonoTime next_check = system_clock().mono() + plan_.check_period;
    Result<> done = check();
    if (done.ok() && open_ == nullptr) done = open();
    if (done.ok()) {
      is_failing_ = false;
      done = follow(next_check);
      // The member has ended the watch: perhaps it lost its leader.  Another one may know more.
      if (!done.ok()) client_.leave();
    } else if (!is_failing_ && !is_stopping_) {
      is_failing_ = true;
      tell(WatchEvent::kFailing, done.error().what);
    }
    if (done.ok()) continue;
    lose(done.error());
    std::unique_lock lock(mutex_);
    (void)stopped_.wait_for(lock, kRetryPause, [this] { return is_stopping_.load(); });
  }
}

}  // namespace squall::reference
