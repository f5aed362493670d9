// The planted stack's client: JSON lines of the client `external` in, the stack's own lines out.
#pragma once

#include <string>
#include <vector>

namespace squall::planted {

struct ClientOptions {
  int port = 0;
  // Asks every node in turn until one is no standby; otherwise the first endpoint only.
  bool is_roaming = false;
};
void run_client(const ClientOptions& options);

// For tests: the raw JSON value of a key of one flat line, "" for none; all values of "ip" in the
// list `name`.
[[nodiscard]] std::string raw_value(const std::string& line, const std::string& name);
[[nodiscard]] std::vector<std::string> addresses(const std::string& line, const std::string& name);

}  // namespace squall::planted
