// A blocking client with deadlines.
#include "arena/sealed/qmp.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace squall {
namespace {

// QEMU answers when its machine is idle for the first time, within a second; a starved host takes
// longer.  A QEMU that has ended is noticed at once.
constexpr Duration kPatience = std::chrono::minutes(15);
constexpr std::size_t kMaxLine = std::size_t{1} << 20U;

}  // namespace

Result<> Qmp::greet() {
  const std::string greeting = TRY(read_line(kPatience));
  if (greeting.find("\"QMP\"") == std::string::npos) {
    return Error{Errc::kIo, "QEMU did not greet"};
  }
  TRY(call("qmp_capabilities"));
  return {};
}

Result<std::string> Qmp::call(const std::string& command, const std::string& arguments) {
  std::string text = R"({"execute":")" + command + '"';
  if (!arguments.empty()) text += R"(,"arguments":)" + arguments;
  TRY(send(text + "}\n").in("ask QEMU to " + command));
  return answer_to(command);
}

Result<> Qmp::send(const std::string& text) {
  const ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(text.size())) return errno_error("send");
  return {};
}

Result<std::string> Qmp::answer_to(const std::string& command) {
  for (;;) {
    const std::string line = TRY(read_line(kPatience));
    if (line.empty()) return Error{Errc::kTimeout, "QEMU does not answer '" + command + "'"};
    const nlohmann::json answer = nlohmann::json::parse(line, nullptr, false);
    if (!answer.is_object()) return Error{Errc::kIo, "QEMU answers no JSON: " + line};
    if (answer.contains("event")) {
      events_.push_back(answer.value("event", ""));
    } else if (answer.contains("error")) {
      return Error{Errc::kIo, "QEMU refuses '" + command + "': " + answer["error"].dump()};
    } else if (answer.contains("return")) {
      return answer["return"].dump();
    }
  }
}

Result<bool> Qmp::take_event(const std::string& name, Duration patience) {
  const auto take = [&] {
    const auto found = std::find(events_.begin(), events_.end(), name);
    if (found == events_.end()) return false;
    events_.erase(found);
    return true;
  };
  if (take()) return true;
  const std::string line = TRY(read_line(patience));
  if (line.empty()) return false;
  const nlohmann::json message = nlohmann::json::parse(line, nullptr, false);
  if (message.is_object() && message.contains("event")) {
    events_.push_back(message.value("event", ""));
  }
  return take();
}

Result<std::string> Qmp::read_line(Duration patience) {
  for (;;) {
    const std::size_t end = unread_.find('\n');
    if (end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    if (unread_.size() > kMaxLine) return Error{Errc::kIo, "QEMU sends a line without an end"};
    pollfd waiting{socket_.get(), POLLIN, 0};
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
    const int ready = ::poll(&waiting, 1, static_cast<int>(wait));
    if (ready < 0 && errno != EINTR) return errno_error("wait for QEMU");
    if (ready <= 0) return std::string();
    std::array<char, 4096> buffer{};
    const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Error{Errc::kAborted, "QEMU has ended"};
    unread_.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace squall
