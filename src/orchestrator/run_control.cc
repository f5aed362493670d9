// Messages over a socket pair.
#include "orchestrator/run_control.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>

namespace squall {

void send_control(int control, const std::string& text) {
  (void)::send(control, text.data(), text.size(), MSG_NOSIGNAL);
}

std::optional<std::string> receive_control(int control, std::optional<Duration> patience) {
  pollfd waiting{control, POLLIN, 0};
  const auto wait =
      std::chrono::duration_cast<std::chrono::milliseconds>(patience.value_or(Duration{0}));
  if (::poll(&waiting, 1, patience ? static_cast<int>(wait.count()) : -1) <= 0) return "";
  std::array<char, 256> buffer{};
  const ssize_t count = ::recv(control, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count == 0) return std::nullopt;
  return count < 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(count));
}

}  // namespace squall
