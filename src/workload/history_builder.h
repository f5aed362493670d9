// HistoryBuilder: what clients recorded becomes a history while the run goes on.
//
// A *logical* process is what a client calls a process (ClientConfig::processes).  After an
// operation that ended in info it is another process to the checkers, since the old one may still
// have that operation under way: the n-th life of process p has the id p + n * stride.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "history/history.h"
#include "workload/recorder_ring.h"

namespace squall {

struct OperationCounts {
  std::uint64_t ok = 0;
  std::uint64_t fail = 0;      // unavailable: refused, or an error answer
  std::uint64_t negative = 0;  // fail, but as a working system's answer (kNegativeAnswer)
  std::uint64_t info = 0;
  [[nodiscard]] std::uint64_t total() const { return ok + fail + negative + info; }
  friend bool operator==(const OperationCounts&, const OperationCounts&) = default;
};

// One ring: the operating-system process that records there.
struct RecorderSource {
  std::string client;  // the workload entry's name
  std::string node;
  std::string recorder{};  // "" where it shares the run's clock, as in the lab
  Duration clock_error{0};
};

// A logical process that believes it holds its client's lock.
struct LockHolder {
  std::string client;
  std::string node;
  std::int64_t process = 0;  // logical
  std::int64_t since = 0;    // ns since the start of the run: its acquire was answered
  friend bool operator==(const LockHolder&, const LockHolder&) = default;
};

// Not thread-safe: the run loop owns it.
class HistoryBuilder {
 public:
  // Logical process ids are below `stride`.
  HistoryBuilder(MonoTime start, std::int64_t stride) : start_(start), stride_(stride) {}

  using Source = std::size_t;
  Source add_source(RecorderSource source);

  // Events of one source arrive in its ring's order; those of several may interleave in any way.  A
  // client that breaks the rules (a completion without an invocation, two operations at a time, a
  // value that is no JSON scalar or list) is kInvalid, and names the client and the process.
  [[nodiscard]] Result<> add(Source source, const RecordedEvent& event);
  // An operation that ended in info has the time when its client gave up as `completed`; what is
  // still under way here is info too, and never completed: appended, so that a file can be given
  // the rest.  Nothing is recorded after.
  void close_open();
  // Closes what is open, and sorts.
  void finish();

  // Rows are appended as operations complete: [n, size()) is new since size() was n.
  [[nodiscard]] const History& history() const { return history_; }
  [[nodiscard]] History take() && { return std::move(history_); }
  [[nodiscard]] std::size_t under_way() const { return open_.size(); }

  // What is known of the time up to `until`, sorted: of what is under way or completed later, only
  // that it was invoked.  Operations on a key on which nothing is under way and nothing completed
  // since row `from` are left out.
  struct Prefix {
    History history;
    std::size_t next = 0;  // `from` for the next prefix: what is before it was over by `until`
  };
  [[nodiscard]] Prefix prefix(std::int64_t until, std::size_t from) const;

  // Completed since the last call, per client; clients without operations are absent.
  [[nodiscard]] std::map<std::string, OperationCounts> take_counts();
  // Since the start.
  [[nodiscard]] const std::map<std::string, OperationCounts>& totals() const { return totals_; }

  // The last `acquire` was ok and no `release` was invoked since; the latest holder first.
  [[nodiscard]] std::vector<LockHolder> holders(std::string_view client) const;

 private:
  struct Logical {
    Source source = 0;
    ProcessIndex index = 0;
    std::int64_t lives = 1;
  };
  struct SourceState {
    RecorderSource about;
    std::uint32_t generation = 0;
  };

  [[nodiscard]] Result<> invoke(Source source, const RecordedEvent& event);
  [[nodiscard]] Result<> complete(Source source, const RecordedEvent& event);
  [[nodiscard]] Result<Logical*> logical(Source source, std::int64_t process);
  [[nodiscard]] Result<> start_life(Source source, std::int64_t process, Logical& logical);
  [[nodiscard]] Result<> abandon(Source source);
  [[nodiscard]] Result<ValueId> intern_text(Source source, const RecordedEvent& event,
                                            std::string_view text, ValueId otherwise);
  void append(const Operation& op, std::string_view error, const std::string& client);
  [[nodiscard]] std::vector<char> keys_used_since(std::size_t from) const;  // by value id
  void follow_lock(const Logical& logical, const RecordedEvent& event, const Operation& op);
  [[nodiscard]] Error broken(Source source, const RecordedEvent& event,
                             const std::string& what) const;

  MonoTime start_;
  std::int64_t stride_;
  History history_{};
  std::vector<SourceState> sources_{};
  std::map<std::int64_t, Logical> logical_{};  // by logical process
  std::map<std::int64_t, Operation> open_{};   // by logical process
  std::map<std::int64_t, LockHolder> holders_{};
  std::map<std::string, OperationCounts> counts_{};
  std::map<std::string, OperationCounts> totals_{};
};

// One JSON scalar or list of them, interned: 7, "x", null, [1,[2,"y"]].
[[nodiscard]] Result<ValueId> intern_json(std::string_view json, Values& values);

}  // namespace squall
