// Messages over a socket pair.
#include "orchestrator/run_control.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>

namespace squall {

void send_control(int control, const std::string& text) {
  (void)::send(control, text.data(), text.size(), MSG_NOSIGNAL);
}

std::optional<std::string> receive_control(int control, int timeout_ms) {
  pollfd waiting{control, POLLIN, 0};
  if (::poll(&waiting, 1, timeout_ms) <= 0) return "";
  std::array<char, 256> buffer{};
  const ssize_t count = ::recv(control, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count == 0) return std::nullopt;
  return count < 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(count));
}

}  // namespace squall
