// The public histories with known verdicts, where the environment variable SQUALL_HISTORIES names
// their folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checker/checker.h"
#include "history/recording.h"

namespace squall::test {

struct KnownHistory {
  std::string file;     // relative to the folder
  std::string request;  // as parse_check reads it
  Answer expected = Answer::kUnknown;
};

// Nothing: SQUALL_HISTORIES is not set, and the test is to say so and skip.
[[nodiscard]] std::optional<std::string> histories_folder();
// All of one subfolder whose check is `linearizable` on a register.
[[nodiscard]] std::vector<KnownHistory> known_registers(const std::string& folder,
                                                        const std::string& subfolder);
// Fails the program if it cannot be read.
[[nodiscard]] Recording load(const std::string& folder, const std::string& file);

}  // namespace squall::test
