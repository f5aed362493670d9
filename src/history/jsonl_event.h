// What is wrong with a JSON line, for readers of lines that are no events of operations.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "history/event.h"

namespace squall {

// In the value of `field`, or ("") in the line as such.
struct LineError {
  std::string what;
  std::string_view field;
  bool is_syntax = false;
};
// Nothing: all is well.
using Checked = std::optional<LineError>;

}  // namespace squall
