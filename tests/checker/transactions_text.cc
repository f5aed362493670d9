// Words → JSON lines → transactions, through the reader that everybody uses.
#include "tests/checker/transactions_text.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "base/check.h"

namespace squall::test {
namespace {

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts(1);
  for (const char letter : text) {
    if (letter == at) {
      parts.emplace_back();
    } else {
      parts.back() += letter;
    }
  }
  return parts;
}

std::string quoted(const std::string& word) {
  const bool is_text = word.find_first_not_of("-0123456789") != std::string::npos;
  return is_text ? "\"" + word + "\"" : word;
}

// `is_asked`: as in an invocation, where nothing was read yet.
std::string operation(const std::string& text, bool is_asked) {
  std::istringstream words(text);
  std::string function;
  std::string key;
  std::string value;
  words >> function >> key >> value;
  CHECK(!value.empty());
  const bool is_list = value[0] == '[';
  const std::string shown =
      value == "nil" || (is_asked && function == "r") ? "null" : (is_list ? value : quoted(value));
  return "[\"" + function + "\"," + quoted(key) + "," + shown + "]";
}

struct Event {
  long at = 0;
  bool is_end = false;
  std::string line;
};

void add_events(const std::string& text, long number, std::vector<Event>& events) {
  const std::vector<std::string> halves = split(text, ':');
  CHECK(halves.size() == 2);
  std::istringstream head(halves[0]);
  std::string process;
  std::string outcome;
  long from = 10 * number;
  long to = from + 5;
  head >> process >> outcome;
  char at = 0;
  if (head >> at) {
    char dash = 0;
    head >> from >> dash >> to;
    CHECK(at == '@' && dash == '-');
  }
  std::string asked;
  std::string told;
  for (const std::string& part : split(halves[1], ';')) {
    asked += (asked.empty() ? "" : ",") + operation(part, true);
    told += (told.empty() ? "" : ",") + operation(part, outcome != "ok");
  }
  const auto line = [&](const std::string& event, const std::string& value, long when) {
    return "{\"p\":" + process + ",\"e\":\"" + event + "\",\"f\":\"txn\",\"v\":[" + value +
           "],\"t\":" + std::to_string(when * 1'000'000) + "}\n";
  };
  events.push_back({from, false, line("invoke", asked, from)});
  events.push_back({to, true, line(outcome, told, to)});
}

}  // namespace

std::string transactions_jsonl(std::string_view text) {
  std::vector<Event> events;
  long number = 0;
  for (const std::string& part : split(text, '|')) add_events(part, number++, events);
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.at < b.at; });
  std::string lines;
  for (const Event& event : events) lines += event.line;
  return lines;
}

Recording transactions(std::string_view text) {
  Recording recording;
  recording.transactions = read_transactions_jsonl(transactions_jsonl(text), "text").value();
  return recording;
}

Verdict check_transactions(std::string_view request, std::string_view text) {
  return run_check(parse_check(request).value(), transactions(text), Budget{});
}

std::string fact(const Verdict& verdict, std::string_view name) {
  for (const auto& [key, value] : verdict.facts) {
    if (key == name) return value;
  }
  return "no such fact";
}

}  // namespace squall::test
