// The report as one HTML page that needs nothing else: no network, no fonts, no other file.
#pragma once

#include <string>

#include "report/exit_meaning.h"

namespace squall {

// The page's numbers as JSON, escaped so that it may stand inside a <script>: no '<' in it.
[[nodiscard]] std::string page_data(const ReportInput& input);

// At most 2 MB, whatever the run was.  A content security policy lets nothing run or load but the
// page's own script and style, which it names by their digests.
[[nodiscard]] std::string html_report(const ReportInput& input);

}  // namespace squall
