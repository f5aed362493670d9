// The windows of the planted bugs are work, as they are in real programs, and not sleeps: rounds of
// a checksum over a record.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace squall::planted {

// About 1 ns a round on a current machine.
[[nodiscard]] std::string checksum(std::string_view record, long rounds);
[[nodiscard]] std::vector<std::string> words_of(const std::string& line);

}  // namespace squall::planted
