// The JSON lines that the client `external` and a user's program exchange (docs/clients.md).  Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "workload/client.h"
#include "workload/workload_process.h"

namespace squall::external {

// The first line a program gets.
[[nodiscard]] std::string init_line(const ClientConfig& config, std::int64_t process,
                                    const std::string& workload);
// Its answer: {"ready":true}.
[[nodiscard]] Result<> read_ready(const std::string& line);
struct Call {
  std::int64_t id = 0;
  std::string_view function;
  std::string_view key{};    // JSON, "" for none
  std::string_view value{};  // JSON, "" for none
  Duration timeout{0};
};
[[nodiscard]] std::string call_line(const Call& call);
[[nodiscard]] std::string finish_line();

// An error here means that the program does not keep to the protocol.
[[nodiscard]] Result<Answer> read_answer(const std::string& line, std::int64_t id,
                                         std::string_view function);

// "python3 client.py --set x" or ["python3", "client.py", "--set x"].
[[nodiscard]] Result<std::vector<std::string>> parse_command(const std::string& text);

}  // namespace squall::external
