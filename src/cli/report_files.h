// The files that `run` and `report` write besides the terminal's summary.
#pragma once

#include <string>

#include "base/result.h"
#include "report/exit_meaning.h"

namespace squall {

// Paths; "" is not wanted, "-" (html and markdown of `report`) is standard output.
struct ReportFiles {
  std::string junit{};
  std::string html{};
  std::string markdown{};
};

[[nodiscard]] bool goes_to_standard_output(const ReportFiles& files);
// Two reports in one stream are none.
[[nodiscard]] Result<> check_targets(const ReportFiles& files);
[[nodiscard]] Result<> write_reports(const ReportInput& input, const ReportFiles& files);

}  // namespace squall
