// Parsing the tests' history language.
#include "tests/checker/history_text.h"

#include <cctype>
#include <cstdlib>
#include <sstream>

namespace squall::test {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += (c == '[' ? 1 : 0) - (c == ']' ? 1 : 0);
    if (c == separator && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool is_integer(const std::string& word) {
  char* end = nullptr;
  (void)std::strtoll(word.c_str(), &end, 10);
  return !word.empty() && *end == '\0';
}

ValueId value(Values& values, const std::string& word) {
  if (word == "-") return kAbsent;
  if (word == "nil") return kNil;
  if (word == "true" || word == "false") return values.boolean(word == "true");
  if (is_integer(word)) return values.integer(std::stoll(word));
  if (word.front() != '[') return values.text(word);
  CHECK(word.back() == ']');
  std::vector<ValueId> items;
  const std::string inside = word.substr(1, word.size() - 2);
  if (!inside.empty()) {
    for (const std::string& item : split(inside, ',')) items.push_back(value(values, item));
  }
  return values.list(items);
}

Outcome outcome(const std::string& word) {
  CHECK(word == "ok" || word == "fail" || word == "info");
  return word == "ok" ? Outcome::kOk : word == "fail" ? Outcome::kFail : Outcome::kInfo;
}

class Reader {
 public:
  History read(std::string_view text) {
    std::int64_t position = 0;
    for (const std::string& part : split(text, '|')) {
      if (part.find_first_not_of(" \n") == std::string::npos) continue;
      read_operation(part, position++);
    }
    history_.sort_by_sent();
    return std::move(history_);
  }

 private:
  void read_operation(const std::string& text, std::int64_t position) {
    const std::size_t bang = text.find('!');
    std::string error = bang == std::string::npos ? "" : text.substr(bang + 1);
    while (!error.empty() && error.back() == ' ') error.pop_back();
    std::istringstream words(text.substr(0, bang));
    std::string who, how, function, key, value_word, times;
    words >> who >> how >> function >> key >> value_word;
    CHECK(!value_word.empty());
    Operation op;
    op.process = process(who);
    op.outcome = outcome(how);
    op.function = history_.functions().intern(function);
    op.key = value(history_.values(), key);
    op.value = value(history_.values(), value_word);
    op.sent = 10 * position * kMs;
    op.completed = op.sent + 5 * kMs;
    if (words >> times) read_times(times, op);
    op.scheduled = op.sent;
    history_.append(op, error);
  }

  static void read_times(const std::string& times, Operation& op) {
    const std::size_t dash = times.find('-', 2);
    CHECK(times.front() == '@' && dash != std::string::npos);
    op.sent = std::stoll(times.substr(1, dash - 1)) * kMs;
    const std::string to = times.substr(dash + 1);
    op.completed = to.empty() ? kNever : std::stoll(to) * kMs;
  }

  ProcessIndex process(const std::string& word) {
    const auto found = processes_.find(word);
    if (found != processes_.end()) return found->second;
    std::string rest = word;
    Process process;
    const std::string plus_minus = "±";
    if (const std::size_t at = rest.find(plus_minus); at != std::string::npos) {
      process.clock_error = Duration(std::stoll(rest.substr(at + plus_minus.size())) * kMs);
      rest.resize(at);
    }
    if (const std::size_t slash = rest.find('/'); slash != std::string::npos) {
      process.client = rest.substr(0, slash);
      rest = rest.substr(slash + 1);
    }
    process.id = std::stoll(rest);
    return processes_[word] = history_.add_process(process);
  }

  History history_;
  std::map<std::string, ProcessIndex> processes_;
};

}  // namespace

History history(std::string_view text) {
  return Reader().read(text);
}

Recording recording(std::string_view text, std::vector<FaultInterval> faults) {
  Recording result;
  result.history = history(text);
  result.faults = std::move(faults);
  return result;
}

FaultInterval fault(const std::string& id, const std::string& kind, const std::string& targets,
                    std::int64_t from, std::int64_t to) {
  FaultInterval interval;
  interval.id = id;
  interval.kind = kind;
  interval.targets = targets;
  interval.requested_start = from * kMs;
  interval.requested_end = to * kMs;
  interval.start = from * kMs;
  interval.end = to * kMs;
  return interval;
}

Verdict check(std::string_view request, const Recording& recording) {
  const Result<CheckRequest> parsed = parse_check(request);
  if (!parsed.ok()) {
    Verdict verdict;
    verdict.summary = parsed.error().what;
    return verdict;
  }
  return run_check(parsed.value(), recording, Budget{});
}

Verdict check(std::string_view request, std::string_view text) {
  return check(request, recording(text));
}

}  // namespace squall::test
