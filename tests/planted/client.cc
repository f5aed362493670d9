// One operation a line, no retries.
#include "tests/planted/client.h"

#include <algorithm>
#include <iostream>
#include <map>
#include <optional>

#include "tests/planted/line_socket.h"
#include "tests/planted/work.h"

namespace squall::planted {
namespace {

std::string without(std::string text, char letter) {
  text.erase(std::remove(text.begin(), text.end(), letter), text.end());
  return text;
}

struct Call {
  std::string id;
  std::string function;
  std::string key;
  std::string value;
  int timeout_ms = 1000;
};

Call read_call(const std::string& line) {
  Call call;
  call.id = raw_value(line, "id");
  call.function = without(raw_value(line, "f"), '"');
  call.key = without(raw_value(line, "key"), '"');
  call.value = raw_value(line, "v");
  const std::string timeout = raw_value(line, "timeout_ms");
  if (!timeout.empty()) call.timeout_ms = std::stoi(timeout);
  return call;
}

// What the stack is asked.
std::string request_of(const Call& call) {
  if (call.function == "add") return "add " + call.value;
  if (call.function == "write") return "set " + call.key + " " + call.value;
  if (call.function != "cas") return call.key.empty() ? "all" : "get " + call.key;
  std::string pair = without(without(call.value, '['), ']');
  std::replace(pair.begin(), pair.end(), ',', ' ');
  return "cas " + call.key + " " + pair;
}

std::string ended(const Call& call, const std::string& type, const std::string& rest = "") {
  return "{\"id\":" + call.id + ",\"type\":\"" + type + "\"" + rest + "}";
}

std::string with_error(const Call& call, const std::string& type, const std::string& error) {
  return ended(call, type, ",\"error\":\"" + error + "\"");
}

std::string read_value(const Call& call, const std::string& text) {
  if (!call.key.empty()) return text;
  return "[" + (text == "-" ? "" : text) + "]";
}

// Nothing: a standby, which has done nothing.
std::optional<std::string> answer_of(const Call& call, const std::string& reply) {
  const std::vector<std::string> words = words_of(reply);
  const bool is_read = call.function == "read";
  if (words.empty()) return with_error(call, is_read ? "fail" : "info", "an empty reply");
  if (words[0] == "standby") return std::nullopt;
  if (words[0] == "mismatch") return with_error(call, "fail", "answer: mismatch");
  if (words[0] != "ok") return with_error(call, is_read ? "fail" : "info", words[0]);
  if (!is_read) return ended(call, "ok");
  return ended(call, "ok", ",\"v\":" + read_value(call, words.size() > 1 ? words[1] : "-"));
}

class Client {
 public:
  explicit Client(ClientOptions options) : options_(options) {}

  void meet(const std::string& init) {
    ips_ = addresses(init, "endpoints");
    if (!options_.is_roaming && ips_.size() > 1) ips_.resize(1);
  }

  std::string perform(const Call& call) {
    std::string refusal = "nobody is there";
    for (const std::string& ip : ips_) {
      LineSocket* socket = connection(ip);
      if (socket == nullptr) continue;  // nothing was sent
      refusal = "answer: nobody is in charge";
      const std::optional<std::string> reply =
          socket->send(request_of(call)) ? socket->receive(call.timeout_ms) : std::nullopt;
      if (!reply) {
        connections_.erase(ip);
        return with_error(call, call.function == "read" ? "fail" : "info", "no reply");
      }
      if (const std::optional<std::string> answer = answer_of(call, *reply)) return *answer;
    }
    return with_error(call, "fail", refusal);
  }

 private:
  LineSocket* connection(const std::string& ip) {
    const auto found = connections_.find(ip);
    if (found != connections_.end()) return &found->second;
    Result<LineSocket> made = LineSocket::connect({.ip = ip, .port = options_.port});
    if (!made.ok()) return nullptr;
    return &connections_.emplace(ip, std::move(*made)).first->second;
  }

  ClientOptions options_;
  std::vector<std::string> ips_{};
  std::map<std::string, LineSocket> connections_{};
};

}  // namespace

std::string raw_value(const std::string& line, const std::string& name) {
  const std::string label = "\"" + name + "\":";
  const std::size_t at = line.find(label);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + label.size();
  const std::size_t end =
      line[begin] == '[' ? line.find(']', begin) + 1 : line.find_first_of(",}", begin);
  return line.substr(begin, end - begin);
}

std::vector<std::string> addresses(const std::string& line, const std::string& name) {
  std::vector<std::string> ips;
  const std::string list = raw_value(line, name);
  const std::string label = "\"ip\":\"";
  for (std::size_t at = list.find(label); at != std::string::npos; at = list.find(label, at + 1)) {
    const std::size_t begin = at + label.size();
    ips.push_back(list.substr(begin, list.find('"', begin) - begin));
  }
  return ips;
}

void run_client(const ClientOptions& options) {
  Client client(options);
  for (std::string line; std::getline(std::cin, line);) {
    if (line.find("\"init\":") != std::string::npos) {
      client.meet(line);
      std::cout << R"({"ready":true})" << std::endl;
    } else if (!raw_value(line, "id").empty()) {
      std::cout << client.perform(read_call(line)) << std::endl;
    }
  }
}

}  // namespace squall::planted
