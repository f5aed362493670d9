// What the run loop and the process outside of the arena say to each other.
#pragma once

#include <optional>
#include <string>

namespace squall {

// Nobody there to read it: the process outside is gone, and the lab goes with it.
void send_control(int control, const std::string& text);
// The next message from outside, "" for none, nothing when the other end is closed.
[[nodiscard]] std::optional<std::string> receive_control(int control, int timeout_ms);

}  // namespace squall
