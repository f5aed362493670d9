// Jepsen's log lines → history.  An operation is what stands between tabs:
//   INFO  jepsen.util - 4\t:info\t:write\t:timed-out
//   2024-05-01 10:00:00,123{GMT}\tINFO\t[jepsen worker 1] jepsen.util: 1\t:ok\t:read\t3\t:reason
#include <array>
#include <charconv>
#include <utility>

#include "history/edn.h"
#include "history/import.h"

namespace squall {
namespace {

struct LogLine {
  std::string_view process;
  EventKind kind = EventKind::kInvoke;
  std::string_view function;
  std::string_view value;  // with what follows it
};

// Nothing: not the line of an operation.
std::optional<LogLine> operation_in(std::string_view line) {
  for (std::size_t tab = line.find("\t:"); tab != std::string_view::npos;
       tab = line.find("\t:", tab + 1)) {
    const std::size_t end = line.find('\t', tab + 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::optional<EventKind> kind = event_kind(line.substr(tab + 2, end - tab - 2));
    if (!kind) continue;
    LogLine found;
    found.kind = *kind;
    const std::size_t before = line.find_last_of(" \t", tab - 1);
    const std::size_t start = tab == 0 || before == std::string_view::npos ? 0 : before + 1;
    found.process = line.substr(start, tab - start);
    const std::size_t value = std::min(line.find('\t', end + 1), line.size());
    found.function = line.substr(end + 1, value - end - 1);
    if (found.function.starts_with(':')) found.function.remove_prefix(1);
    found.value = value == line.size() ? std::string_view() : line.substr(value + 1);
    return found;
  }
  return std::nullopt;
}

class LogReader {
 public:
  LogReader(const std::string& name, const ImportOptions& options)
      : name_(name), pairing_(name, edn_names(), options) {}

  Result<> read(std::string_view text) {
    while (!text.empty()) {
      ++line_;
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (const std::optional<LogLine> found = operation_in(line)) {
        TRY(take(line, *found));
      } else if (!line.empty()) {
        ++pairing_.facts().ignored;
      }
    }
    if (pairing_.facts().events > 0) return {};
    return Error{Errc::kInvalid,
                 name_ +
                     ":1:1: no line of an operation (PROCESS, :invoke or :ok …, :FUNCTION and "
                     "value, between tabs)"};
  }
  [[nodiscard]] EventPairing& pairing() { return pairing_; }

 private:
  [[nodiscard]] Error error_at(std::string_view line, std::string_view part,
                               const std::string& what) const {
    const auto column = static_cast<std::size_t>(part.data() - line.data()) + 1;
    return Error{Errc::kInvalid,
                 name_ + ":" + std::to_string(line_) + ":" + std::to_string(column) + ": " + what};
  }

  Result<> take(std::string_view line, const LogLine& found) {
    Event event{.kind = found.kind, .function = found.function};
    const char* const end = found.process.data() + found.process.size();
    const auto parsed = std::from_chars(found.process.data(), end, event.process);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
      pairing_.skip(event);
      return {};
    }
    if (event.function.empty()) return error_at(line, found.function, "no function");
    EdnCursor cursor(found.value, pairing_.values());
    if (!read_values(cursor, event)) {
      return error_at(line, found.value.substr(cursor.where()), cursor.what());
    }
    const EventCheck problem = pairing_.take(event, line_);
    if (!problem) return {};
    const bool is_value = problem->field == EventField::kValue;
    const bool is_function = problem->field == EventField::kFunction;
    return error_at(line,
                    is_value      ? found.value
                    : is_function ? found.function
                                  : found.process,
                    problem->what);
  }

  // The value, and what follows it: why it did not work.
  static bool read_values(EdnCursor& cursor, Event& event) {
    if (!cursor.blank()) return false;
    if (!cursor.is_at_end() && !cursor.value(event.value)) return false;
    const bool is_reason =
        cursor.was_keyword() && (event.kind == EventKind::kFail || event.kind == EventKind::kInfo);
    if (is_reason) event.error = std::exchange(event.value, kAbsent);
    if (!cursor.blank()) return false;
    if (cursor.is_at_end() || event.error != kAbsent) return true;
    return cursor.value(event.error);
  }

  const std::string& name_;
  EventPairing pairing_;
  std::size_t line_ = 0;
};

}  // namespace

Result<History> read_jepsen_log(std::string_view text, const std::string& name, ImportFacts* facts,
                                const ImportOptions& options) {
  LogReader reader(name, options);
  const Result<> read = reader.read(text);
  if (facts != nullptr) *facts = reader.pairing().facts();
  if (!read) return read.error();
  return reader.pairing().finish();
}

}  // namespace squall
