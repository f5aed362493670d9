// Follows growing text files.
#include "orchestrator/log_tail.h"

#include <fcntl.h>

#include <array>

namespace squall {
namespace {

void split_lines(const LogSource& source, std::string& partial, std::vector<LogTail::Line>& lines) {
  std::size_t begin = 0;
  for (std::size_t end = partial.find('\n'); end != std::string::npos;
       end = partial.find('\n', begin)) {
    lines.push_back({&source, partial.substr(begin, std::min(end - begin, kMaxLogLine))});
    begin = end + 1;
  }
  partial.erase(0, begin);
  if (partial.size() > kMaxLogLine) partial.resize(kMaxLogLine);
}

}  // namespace

void LogTail::add(LogSource source) {
  files_.push_back({std::move(source), Fd(), {}});
}

std::vector<LogTail::Line> LogTail::read(bool is_final) {
  std::vector<Line> lines;
  std::array<char, 65536> buffer;  // NOLINT: only what was read is looked at
  for (File& file : files_) {
    if (!file.fd.is_open()) file.fd = Fd(::open(file.source.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.fd.is_open()) continue;
    for (ssize_t count = ::read(file.fd.get(), buffer.data(), buffer.size()); count > 0;
         count = ::read(file.fd.get(), buffer.data(), buffer.size())) {
      file.partial.append(buffer.data(), static_cast<std::size_t>(count));
      split_lines(file.source, file.partial, lines);
    }
    if (is_final && !file.partial.empty()) {
      lines.push_back({&file.source, std::exchange(file.partial, {})});
    }
  }
  return lines;
}

}  // namespace squall
