// What the registry holds below a prefix, kept up to date by snapshots and watch messages.  Pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "reference/registry/etcd_messages.h"

namespace squall::reference {

// Never goes back in time: what an older snapshot or a late message says is ignored.
class RegistryState {
 public:
  using Items = std::map<std::string, etcd::KeyValue, std::less<>>;

  // Whether anything differs now.
  bool apply(const etcd::RangeReply& snapshot);
  bool apply(const etcd::WatchMessage& message);

  [[nodiscard]] const Items& items() const { return items_; }
  // Of the store, as far as we know; 0: nothing was read yet.
  [[nodiscard]] std::int64_t revision() const { return revision_; }

 private:
  bool apply(const etcd::Change& change);

  Items items_;
  std::int64_t revision_ = 0;
};

// Cuts a stream into lines.
class LineSplitter {
 public:
  // An endless line is an error of the one who sends it.
  static constexpr std::size_t kMaxLine = std::size_t{16} << 20U;

  [[nodiscard]] Result<> add(std::string_view bytes);
  // The next whole line without its end; nothing: more bytes are needed.
  [[nodiscard]] std::optional<std::string> next();

 private:
  std::string rest_;
};

}  // namespace squall::reference
