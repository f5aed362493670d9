// Where programs are looked up, and which one this is.
#pragma once

#include <string>
#include <vector>

namespace squall {

// The parts of a list that is separated by colons, without empty ones.
[[nodiscard]] std::vector<std::string> path_folders(const std::string& list);
// Those of $PATH, or the usual ones where it is not set.
[[nodiscard]] std::vector<std::string> path_folders();
// FOLDER/NAME of the first folder that has such a program; "": none has.
[[nodiscard]] std::string find_program(const std::string& name,
                                       const std::vector<std::string>& folders);
// The running program, without links; "": it has been deleted.
[[nodiscard]] std::string self_program();

}  // namespace squall
