// Events, one after the other → history: every invocation gets its completion.  What all importers
// share; each of them only turns its format into events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include "history/event.h"
#include "history/history.h"

namespace squall {

// Threads stamp an event before they take the lock of the log, so that stamps of different
// processes may stand out of order by this much (measured in Jepsen's logs: up to 1.2 ms).
inline constexpr std::uint64_t kMaxJsonlDisorder = 10'000'000;  // ns
// A named few of the completions whose value is not the invocation's are kept; all are counted.
inline constexpr std::size_t kMaxDifferences = 5;

struct ImportOptions {
  // Every value is [key value], as jepsen.independent writes them.
  bool has_independent_keys = false;
  // Bytes that the history may take; passing it is an error.
  std::uint64_t memory = std::numeric_limits<std::uint64_t>::max();
};

// What was read besides the history.
struct ImportFacts {
  std::size_t events = 0;   // with the skipped ones
  std::size_t skipped = 0;  // of those: not of a numbered process ("nemesis")
  std::size_t ignored = 0;  // lines of a log that hold no event
  // Completions that say another value than their invocation; the invocation's was kept.
  std::size_t differing = 0;
  std::vector<std::string> differences{};  // the first few: "h.edn:4:1: …"
};

class EventPairing {
 public:
  // `name` is the file's, for messages.
  EventPairing(std::string name, const EventNames& names, const ImportOptions& options);

  [[nodiscard]] Values& values() { return history_.values(); }
  // `line` is where the event stands, from 1.  Not for skipped events: those are counted only.
  [[nodiscard]] EventCheck take(const Event& event, std::size_t line);
  void skip(const Event& event);
  [[nodiscard]] ImportFacts& facts() { return facts_; }
  // Sorts and gives away the history; what was invoked and never completed is info.
  [[nodiscard]] History finish();

 private:
  struct Process {
    ProcessIndex index = 0;
    bool is_known = false;
    bool has_ended = false;     // in info
    OpIndex open = kNothing;    // its operation under way
    std::size_t last_line = 0;  // of its last event
    std::int64_t last_at = std::numeric_limits<std::int64_t>::min();
  };
  static constexpr OpIndex kNothing = std::numeric_limits<OpIndex>::max();

  [[nodiscard]] EventCheck take_time(const Event& event, std::size_t line);
  [[nodiscard]] EventCheck check_order(const Process& process, std::size_t line);
  [[nodiscard]] EventCheck register_process(std::int64_t id, Process& process);
  [[nodiscard]] EventCheck split_key(Event& event) const;
  [[nodiscard]] EventCheck invoke(const Event& event, Process& process);
  [[nodiscard]] EventCheck complete(const Event& event, Process& process, std::size_t line);
  [[nodiscard]] EventCheck check_completion(const Event& event, const Process& process) const;
  [[nodiscard]] EventCheck find_function(std::string_view name, FunctionId& function);
  [[nodiscard]] ValueId final_value(const Event& event, FunctionId function, ValueId asked) const;
  void note_difference(const Event& event, OpIndex op, std::size_t line);
  [[nodiscard]] Process& process_of(std::int64_t id);
  [[nodiscard]] std::string quoted(EventField field) const { return names_.quoted(field); }

  std::string name_;
  const EventNames& names_;
  ImportOptions options_;
  History history_;
  std::vector<Process> low_processes_;  // by id, those from 0 on
  std::unordered_map<std::int64_t, Process> other_processes_;
  std::vector<bool> is_argument_;  // by function
  ImportFacts facts_;
  std::int64_t at_ = 0;               // of the event in hand
  std::size_t first_timed_line_ = 0;  // 0: none yet
  std::size_t first_untimed_line_ = 0;
  std::int64_t latest_ = std::numeric_limits<std::int64_t>::min();
  std::size_t latest_line_ = 0;
};

// True if the operation's value is its argument: write, cas, add, append, enqueue, put, ….
[[nodiscard]] bool is_argument_kept(std::string_view function);

}  // namespace squall
