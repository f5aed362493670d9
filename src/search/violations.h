// What a run violated, in a form that two runs can be compared by.  Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "history/recording.h"

namespace squall {

struct Violation {
  std::string check;    // the checker with its parameters: "linearizable{client=kv}"
  std::string shape;    // the first witness with its particulars replaced
  std::string summary;  // as the verdict says it
  friend bool operator==(const Violation&, const Violation&) = default;
};

// A sentence without what differs from run to run: numbers and times become N, quoted values and
// hexadecimal words X, repetitions one.  "process 0 read x = 1 after it had read 2" becomes
// "process N read x = N after it had read N".
[[nodiscard]] std::string shape_of(std::string_view sentence);

// One for each verdict that is violated, in the order of the file.
[[nodiscard]] std::vector<Violation> violations_of(const std::vector<VerdictRow>& verdicts);

}  // namespace squall
