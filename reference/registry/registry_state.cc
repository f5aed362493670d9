// Snapshots and changes, folded.
#include "reference/registry/registry_state.h"

#include <algorithm>

namespace squall::reference {

bool RegistryState::apply(const etcd::RangeReply& snapshot) {
  if (snapshot.revision < revision_) return false;
  Items items;
  for (const etcd::KeyValue& item : snapshot.items) items.emplace(item.key, item);
  const bool is_first = revision_ == 0;
  const bool differs = items != items_;
  items_ = std::move(items);
  revision_ = snapshot.revision;
  return differs || is_first;
}

bool RegistryState::apply(const etcd::Change& change) {
  // A change that the last snapshot had seen already.
  if (change.mod_revision <= revision_) return false;
  if (!change.value) return items_.erase(change.key) > 0;
  items_.insert_or_assign(change.key,
                          etcd::KeyValue{change.key, *change.value, change.mod_revision});
  return true;
}

// The store's revision in a message's header may be ahead of the changes that it brings, so only
// the changes move us.  All changes of one revision come in one message.
bool RegistryState::apply(const etcd::WatchMessage& message) {
  bool differs = false;
  std::int64_t newest = revision_;
  for (const etcd::Change& change : message.changes) {
    differs = apply(change) || differs;
    newest = std::max(newest, change.mod_revision);
  }
  revision_ = newest;
  return differs;
}

Result<> LineSplitter::add(std::string_view bytes) {
  if (rest_.size() + bytes.size() > kMaxLine) {
    return Error{Errc::kInvalid, "a line is over the limit of 16 MiB"};
  }
  rest_ += bytes;
  return {};
}

std::optional<std::string> LineSplitter::next() {
  const std::size_t end = rest_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = rest_.substr(0, end);
  rest_.erase(0, end + 1);
  return line;
}

}  // namespace squall::reference
