// Small files, read and written whole.
#include "base/files.h"

#include <fcntl.h>

#include <array>
#include <filesystem>

#include "base/fd.h"

namespace squall {
namespace {

constexpr mode_t kFileMode = 0644;

Result<> write_all(const Fd& fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error("write " + path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<> sync_directory_of(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return errno_error("open " + folder);
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return errno_error("fsync " + folder);
  return {};
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return errno_error("open " + path);
  std::string content;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("read " + path);
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > limit) {
      return Error{Errc::kInvalid,
                   path + ": larger than the limit of " + std::to_string(limit) + " bytes"};
    }
  }
}

Result<> write_file(const std::string& path, std::string_view content) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
  if (!fd.is_open()) return errno_error("open " + path);
  return write_all(fd, content, path);
}

Result<> write_file_durably(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".new";
  {
    const Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
    if (!fd.is_open()) return errno_error("open " + temporary);
    TRY(write_all(fd, content, temporary));
    if (::fsync(fd.get()) != 0) return errno_error("fsync " + temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return errno_error("rename " + temporary);
  return sync_directory_of(path);
}

}  // namespace squall
