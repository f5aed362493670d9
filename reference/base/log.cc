// Log lines.  A reader that is slow or gone costs lines, never the server.
#include "reference/base/log.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "reference/base/json_text.h"

namespace squall::reference {
namespace {

void append_value(std::string& line, const LogField& field) {
  if (const auto* const text = std::get_if<std::string_view>(&field.value)) {
    append_json(line, *text);
  } else if (const auto* const number = std::get_if<std::int64_t>(&field.value)) {
    append_json(line, *number);
  } else if (const auto* const fraction = std::get_if<double>(&field.value)) {
    append_json(line, *fraction);
  } else {
    line += *std::get_if<bool>(&field.value) ? "true" : "false";
  }
}

bool is_empty(const LogField& field) {
  const auto* const text = std::get_if<std::string_view>(&field.value);
  return text != nullptr && text->empty();
}

void append_field(std::string& line, const LogField& field) {
  if (is_empty(field)) return;
  line += line.size() > 1 ? ",\"" : "\"";
  line += field.name;
  line += "\":";
  append_value(line, field);
}

}  // namespace

Log::Log(const Clock& clock, std::string node, std::string service, LogLevel least, int fd)
    : clock_(clock), node_(std::move(node)), service_(std::move(service)), least_(least), fd_(fd) {}

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!is_on(level)) return;
  const std::string at = squall::to_text(clock_.wall());
  std::string line = "{";
  append_field(line, {.name = "ts", .value = at});
  append_field(line, {.name = "mono_ns", .value = clock_.mono().ns()});
  append_field(line, {.name = "level", .value = to_text(level)});
  append_field(line, {.name = "node", .value = node_});
  append_field(line, {.name = "svc", .value = service_});
  append_field(line, {.name = "event", .value = event});
  for (const LogField& field : fields) append_field(line, field);
  line += "}\n";
  const std::lock_guard lock(mutex_);
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t count = ::write(fd_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string_view to_text(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "";
}

}  // namespace squall::reference
