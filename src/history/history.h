// A history: the operations of a run in columns, 40 bytes each, on one monotonic time base.
//
//   scheduled ── sent ── first byte ── completed          all in ns since the start of the run
//
// Values and keys are interned (value.h).  Operations stand in the order of `sent`, ties in the
// order of arrival; an operation's number is its position.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "history/value.h"

namespace squall {

// Never guess between kFail and kInfo.
enum class Outcome : std::uint8_t {
  kOk,
  kFail,  // it certainly did not happen
  kInfo,  // nobody knows: it may take effect at any later time, or never
};
[[nodiscard]] std::string_view to_text(Outcome outcome);

// An error text that starts so is a negative answer of a working system (a compare-and-set that
// found another value, a lock that is held), not a failure of it.
inline constexpr std::string_view kNegativeAnswer = "answer: ";

using OpIndex = std::uint32_t;
using ProcessIndex = std::uint16_t;
using FunctionId = std::uint8_t;  // interned name: "read", "write", "cas", "add", …
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// A process of the workload: one logical client that has at most one operation under way.
struct Process {
  std::string client{};     // the workload entry's name, for example "etcd-lock"
  std::int64_t id = 0;      // unique in the run; also the id in JSON lines
  std::string node{};       // where it runs; "" outside of an arena
  std::string recorder{};   // whose clock stamped its times; "" is the run's own
  Duration clock_error{0};  // times may be off by this much either way
};

// One operation as a row: what is appended, and what at() gives back.
struct Operation {
  std::int64_t scheduled = 0;       // ns; when it should have been sent (open loop)
  std::int64_t sent = 0;            // ns; invocation
  std::int64_t first_byte = 0;      // ns; first byte of the answer; 0: none seen
  std::int64_t completed = kNever;  // ns; kNever: no answer was ever seen (always kInfo)
  ProcessIndex process = 0;
  FunctionId function = 0;
  Outcome outcome = Outcome::kInfo;
  ValueId key = kAbsent;
  ValueId value = kAbsent;  // the argument, or for a read what it returned; cas: [from,to]
};

// How an operation under way ended.
struct Completion {
  std::int64_t completed = kNever;
  Outcome outcome = Outcome::kInfo;
  ValueId key = kAbsent;
  ValueId value = kAbsent;
};

inline constexpr std::size_t kMaxFunctions = 255;
inline constexpr std::size_t kMaxProcesses = 65'535;

// Interned names of functions ("f"), at most kMaxFunctions (CHECKed; importers look before).
class Functions {
 public:
  FunctionId intern(std::string_view name);
  [[nodiscard]] std::optional<FunctionId> find(std::string_view name) const;
  [[nodiscard]] const std::string& name(FunctionId id) const;
  [[nodiscard]] std::size_t size() const { return names_.size(); }

 private:
  std::vector<std::string> names_;
};

// Thread rule: one writer while it is built; immutable and shared freely afterwards.
class History {
 public:
  ProcessIndex add_process(Process process);  // at most kMaxProcesses (CHECKed)
  // Appends a row; call sort_by_sent() once after the last append.
  void append(const Operation& op, std::string_view error = {});
  // For importers, which meet an operation before its end: fills in what append() was not told.
  // Numbers are positions, so before sort_by_sent() only.
  void complete(OpIndex index, const Completion& completion);
  void set_error(OpIndex index, ValueId error);  // kept as text, as JSON where it is none
  void sort_by_sent();  // stable: operations sent in the same nanosecond keep their order

  [[nodiscard]] std::size_t size() const { return sent_.size(); }
  [[nodiscard]] Operation at(OpIndex index) const;
  [[nodiscard]] std::string_view error(OpIndex index) const;  // "" where there was none
  [[nodiscard]] ValueId error_id(OpIndex index) const;        // its text; kNil where there was none

  // Columns, for the checkers' inner loops.  scheduled and first_byte are kept as 32-bit distances
  // from `sent` in units of 64 ns (up to 274 s), exact enough for latencies.
  [[nodiscard]] const std::vector<std::int64_t>& sent() const { return sent_; }
  [[nodiscard]] const std::vector<std::int64_t>& completed() const { return completed_; }
  [[nodiscard]] const std::vector<ProcessIndex>& process() const { return process_; }
  [[nodiscard]] const std::vector<FunctionId>& function() const { return function_; }
  [[nodiscard]] const std::vector<Outcome>& outcome() const { return outcome_; }
  [[nodiscard]] const std::vector<ValueId>& key() const { return key_; }
  [[nodiscard]] const std::vector<ValueId>& value() const { return value_; }

  [[nodiscard]] Values& values() { return values_; }
  [[nodiscard]] const Values& values() const { return values_; }
  [[nodiscard]] Functions& functions() { return functions_; }
  [[nodiscard]] const Functions& functions() const { return functions_; }
  [[nodiscard]] const std::vector<Process>& processes() const { return processes_; }

  // "process 3 write x 7 (ok, 812.4–815.0 ms)"
  [[nodiscard]] std::string describe(OpIndex index) const;
  // SHA-256 over all operations (times included) in order, with their values as text.  Numbers that
  // depend on the order of appending (of values, functions, processes) do not enter.
  [[nodiscard]] std::string digest() const;
  // Bytes per operation of the columns, and in all with values.
  static constexpr std::size_t kBytesPerOperation = 40;
  [[nodiscard]] std::size_t bytes() const;

 private:
  std::vector<std::int64_t> sent_;            // 8
  std::vector<std::int64_t> completed_;       // 16
  std::vector<std::uint32_t> wait_before_;    // 20: (sent - scheduled) / 64 ns
  std::vector<std::uint32_t> first_byte_in_;  // 24: (first_byte - sent) / 64 ns + 1; 0: none
  std::vector<ValueId> key_;                  // 28
  std::vector<ValueId> value_;                // 32
  std::vector<ValueId> error_;                // 36: interned text; kNil: none
  std::vector<ProcessIndex> process_;         // 38
  std::vector<FunctionId> function_;          // 39
  std::vector<Outcome> outcome_;              // 40
  std::vector<Process> processes_;
  Functions functions_;
  Values values_;
};

}  // namespace squall
