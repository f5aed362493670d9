// Redis's answers.
#include "workload/redis_api.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "history/utf8.h"

namespace squall::redis {
namespace {

// Redis decides on all of these before it executes a command.
constexpr std::array<std::string_view, 13> kRefusals = {"READONLY",
                                                        "NOREPLICAS",
                                                        "LOADING",
                                                        "MASTERDOWN",
                                                        "MISCONF",
                                                        "OOM",
                                                        "BUSY",
                                                        "NOAUTH",
                                                        "NOPERM",
                                                        "WRONGTYPE",
                                                        "CLUSTERDOWN",
                                                        "MOVED",
                                                        "ERR unknown command"};

bool starts_with_word(const std::string& text, std::string_view word) {
  return text.starts_with(word) &&
         (text.size() == word.size() || text[word.size()] == ' ' || word.find(' ') != word.npos);
}

std::optional<std::int64_t> to_integer(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Answer error_answer(const std::string& error) {
  const bool is_refusal =
      std::any_of(kRefusals.begin(), kRefusals.end(),
                  [&](std::string_view word) { return starts_with_word(error, word); });
  return is_refusal ? fail(to_utf8(error)) : info(to_utf8(error));
}

bool is_misdirected(const std::string& error) {
  return starts_with_word(error, "READONLY") || starts_with_word(error, "LOADING") ||
         starts_with_word(error, "MASTERDOWN");
}

Result<SocketAddress> read_primary(const RespValue& answer) {
  if (answer.is_error()) return Error{Errc::kIo, to_utf8(answer.text)};
  if (answer.kind != RespValue::Kind::kList || answer.items.size() != 2) {
    return Error{Errc::kNotFound, "the Sentinel does not know this primary"};
  }
  const std::optional<std::int64_t> port = to_integer(answer.items[1].text);
  if (!port || *port < 1 || *port > 65'535) {
    return Error{Errc::kIo, "not a port: '" + to_utf8(answer.items[1].text) + "'"};
  }
  return SocketAddress{answer.items[0].text, static_cast<std::uint16_t>(*port)};
}

bool is_primary(const RespValue& answer) {
  return answer.kind == RespValue::Kind::kList && !answer.items.empty() &&
         answer.items[0].text == "master";
}

Result<std::string> read_members(const RespValue& answer) {
  if (answer.is_error()) return Error{Errc::kIo, to_utf8(answer.text)};
  if (answer.kind != RespValue::Kind::kList) return Error{Errc::kIo, "not a set's members"};
  std::vector<std::int64_t> integers;
  std::vector<std::string> texts;
  for (const RespValue& item : answer.items) {
    const std::optional<std::int64_t> integer = to_integer(item.text);
    if (integer) {
      integers.push_back(*integer);
    } else {
      texts.push_back(to_utf8(item.text));
    }
  }
  std::sort(integers.begin(), integers.end());
  std::sort(texts.begin(), texts.end());
  std::string json = "[";
  const auto separate = [&json] { json += json.size() == 1 ? "" : ","; };
  for (const std::int64_t integer : integers) {
    separate();
    json += std::to_string(integer);
  }
  for (const std::string& text : texts) {
    separate();
    append_json_string(text, json);
  }
  return json + "]";
}

std::optional<SocketAddress> elect(const std::vector<SocketAddress>& votes, std::size_t voters) {
  for (const SocketAddress& candidate : votes) {
    const auto count = std::count(votes.begin(), votes.end(), candidate);
    if (static_cast<std::size_t>(count) * 2 > voters) return candidate;
  }
  return std::nullopt;
}

}  // namespace squall::redis
