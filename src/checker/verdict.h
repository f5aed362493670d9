// A verdict: valid, unknown or violated, with how many operations were examined and a witness in
// one sentence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "history/history.h"

namespace squall {

// The order is that of merging: the loudest wins.
enum class Answer : std::uint8_t { kValid, kUnknown, kViolated };
[[nodiscard]] std::string_view to_text(Answer answer);

// What kind of promise was broken decides the exit code's rank.
enum class Promise : std::uint8_t { kSafety, kSlo };

struct Witness {
  std::vector<OpIndex> operations;  // the smallest set that shows it, in order
  std::string why;                  // "process 0 read x = 1 after it had read 2"
};

struct Verdict {
  Answer answer = Answer::kUnknown;
  Promise promise = Promise::kSafety;
  std::uint64_t examined = 0;  // operations (or lines) that the answer rests on; 0 is kUnknown
  // Why the run proves nothing ("" if it does): the unfaulted stack broke the promise already.
  std::string invalid{};
  // One sentence for a tired person: what was found, or what was missing for an answer.
  std::string summary;
  std::vector<Witness> witnesses;                          // kViolated: at least one
  std::vector<std::pair<std::string, std::string>> facts;  // measured values worth a report row
};

// examined == 0 becomes kUnknown with `nothing_seen`; no witnesses is kValid with `all_well`;
// otherwise kViolated, summed up by the first witness and the count.
//   why                     one witness
//   why (and 36 more)       more of them
[[nodiscard]] Verdict conclude(std::uint64_t examined, std::vector<Witness> witnesses,
                               const std::string& all_well, const std::string& nothing_seen);

// For the run file: {"witnesses":[{"operations":[812],"why":"…"}],"facts":{"acquisitions":"41"}}.
// Text that is not UTF-8 (a log line) has its bad bytes replaced.
[[nodiscard]] std::string to_json(const Verdict& verdict);

}  // namespace squall
