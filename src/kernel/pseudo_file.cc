// Reading and writing pseudo files.
#include "kernel/pseudo_file.h"

#include <fcntl.h>

#include <array>

#include "base/fd.h"

namespace squall {

Error kernel_error(const std::string& attempt, int error) {
  Error result = errno_error(attempt, error);
  if (error == ENOENT || error == ESRCH || error == ENODEV) result.code = Errc::kNotFound;
  if (error == ENOSYS || error == EOPNOTSUPP) result.code = Errc::kUnsupported;
  return result;
}

Result<std::string> read_pseudo_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return kernel_error("open " + path);
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return kernel_error("read " + path);
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Result<> write_pseudo_file(const std::string& path, std::string_view text) {
  // The kernel parses each write on its own, so a text must go out in one piece.
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.is_open()) return kernel_error("open " + path);
  const ssize_t count = ::write(fd.get(), text.data(), text.size());
  if (count < 0) return kernel_error("write '" + std::string(text) + "' to " + path);
  if (static_cast<std::size_t>(count) != text.size()) {
    return Error{Errc::kIo,
                 "write '" + std::string(text) + "' to " + path + ": only a part of it was taken"};
  }
  return {};
}

std::string_view without_newline(std::string_view text) {
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  return text;
}

}  // namespace squall
