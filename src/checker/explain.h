// Words that every checker uses, so that all witnesses read alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "checker/verdict.h"
#include "history/recording.h"

namespace squall {

[[nodiscard]] std::string seconds(std::int64_t ns);                           // "3.1s"
[[nodiscard]] std::string seconds_range(std::int64_t from, std::int64_t to);  // "3.1–8.4s"
// "1 add", "37 adds"
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view what);
[[nodiscard]] std::string process_name(const History& history, OpIndex op);  // "process 2"
[[nodiscard]] std::string operation_name(OpIndex op);                        // "operation 812"
[[nodiscard]] std::string key_prefix(const Values& values, ValueId key);     // "key k3: " or ""
[[nodiscard]] std::string value_text(const Values& values, ValueId value);   // "nil" for kNil

// ", while cut (network.partition e1 | e2, e3) was active", or "" where no fault was.
[[nodiscard]] std::string while_faults(const Recording& recording, std::int64_t from,
                                       std::int64_t to);

// When the first of its nodes was hit, as far as that is known: `start` is when the last one was.
[[nodiscard]] std::int64_t began(const FaultInterval& fault);

// What times are counted from: the named fault; else the last fault that began by `at`; else the
// start of the run.
struct Reference {
  std::int64_t at = 0;  // of a fault: when its installation began
  std::string name;     // "the cut", "the start"
  bool is_fault = false;
};
[[nodiscard]] Reference reference_for(const Recording& recording, std::string_view fault,
                                      std::int64_t at);

// The witness's window in the history's times, for while_faults.
struct Window {
  std::int64_t from = 0;
  std::int64_t to = 0;
};
[[nodiscard]] Window window_of(const History& history, const Witness& witness);

}  // namespace squall
