// A program's log: one JSON object a line.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>

#include "base/time.h"

namespace squall::reference {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

// {"ts":"…Z","mono_ns":…,"level":"info","node":"m1","svc":"model-server","event":"ready",…}
// Fields that are "" are left out.  Thread-safe; a line is written whole.
class Log {
 public:
  // `fd` stays the caller's; lines below `least` are dropped.
  Log(const Clock& clock, std::string node, std::string service, LogLevel least = LogLevel::kInfo,
      int fd = 2);

  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);
  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kDebug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kInfo, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kWarning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kError, event, fields);
  }
  [[nodiscard]] bool is_on(LogLevel level) const { return level >= least_; }

 private:
  const Clock& clock_;
  std::string node_;
  std::string service_;
  LogLevel least_;
  int fd_;
  std::mutex mutex_{};
};

[[nodiscard]] std::string_view to_text(LogLevel level);

}  // namespace squall::reference
