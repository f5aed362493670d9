// What the run loop and the process outside of the arena say to each other.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"

namespace squall {

// Nobody there to read it: the process outside is gone, and the lab goes with it.
void send_control(int control, const std::string& text);
// The next message from outside, "" for none in time, nothing when the other end is closed. Without
// `patience` it waits for ever.
[[nodiscard]] std::optional<std::string> receive_control(int control,
                                                         std::optional<Duration> patience);

}  // namespace squall
