// The report as Markdown, for a ticket or a comment on a pull request.
#pragma once

#include <string>

#include "report/exit_meaning.h"

namespace squall {

inline constexpr std::size_t kMaxMarkdownBytes = 60'000;

// At most kMaxMarkdownBytes, ends with a newline.  Text from the run can neither break a table nor
// become markup, a mention or a link.
[[nodiscard]] std::string markdown_report(const ReportInput& input);

}  // namespace squall
