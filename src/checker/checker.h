// A checker: a pure function from a recording to a verdict.  No clock, no I/O, no threads but those
// of the pool it is handed.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/params.h"
#include "base/pool.h"
#include "base/result.h"
#include "checker/verdict.h"
#include "history/recording.h"

namespace squall {

// Limits that turn a search that takes too long into kUnknown.  Work is counted, not timed: one
// step is one configuration visited, so the same input gives the same answer on any machine.
struct Budget {
  std::uint64_t steps = 200'000'000;
  std::uint64_t memory = std::uint64_t{2} << 30U;   // bytes
  const std::atomic<bool>* is_cancelled = nullptr;  // may be null
  Pool* pool = nullptr;                             // null: everything on the caller's thread
};

struct CheckInput {
  const Recording& recording;
  const Params& params;
  Budget budget;
};

// What a checker can say while the run goes on.
struct EarlyCheck {
  // Given all that was invoked up to some moment, with what had not returned by then as info: a
  // violation that it finds stays one whatever follows.  Null: nothing is certain before the end.
  Verdict (*check)(const CheckInput& input) = nullptr;
  // Keys are judged apart, so that one that nobody used since need not be judged again.
  bool is_by_key = false;
};

struct CheckerRow {
  std::string_view name;     // "set-full"
  std::string_view help;     // one sentence
  std::string_view explain;  // a paragraph: semantics, complexity, source
  std::span<const ParamSpec> params;
  Verdict (*check)(const CheckInput& input);
  // Says what no table can, before a run is begun; may be null.
  Result<> (*validate)(const Params& params) = nullptr;
  EarlyCheck early{};
};

// The one list of checkers; adding one is one file and one line here.
[[nodiscard]] std::span<const CheckerRow> checkers();
[[nodiscard]] const CheckerRow* find_checker(std::string_view name);

// What the row has against parameters that its table takes.
[[nodiscard]] Result<> validate(const CheckerRow& row, const Params& params);

// A check as a scenario or the command line asks for it.
struct CheckRequest {
  std::string name;
  Params params;
  [[nodiscard]] std::string to_text() const;  // "set-full{client=redis-set}"
};
// "NAME" or "NAME:param=value,param=value".
[[nodiscard]] Result<CheckRequest> parse_check(std::string_view text);
// CHECKs that the name is known.  A verdict that examined nothing is kUnknown, whatever it says.
[[nodiscard]] Verdict run_check(const CheckRequest& request, const Recording& recording,
                                const Budget& budget);
// The verdict as the run file keeps it.
[[nodiscard]] VerdictRow to_row(const CheckRequest& request, const Verdict& verdict);

}  // namespace squall
