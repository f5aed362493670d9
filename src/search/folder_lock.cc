// Folders, locked.
#include "search/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <filesystem>

namespace squall {

Result<> make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return Error{Errc::kIo, path + ": " + error.message()};
  return {};
}

Result<Fd> lock_folder(const std::string& path) {
  TRY(make_folder(path));
  const std::string file = path + "/.lock";
  Fd lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!lock.is_open()) return errno_error("open " + file);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  return Error{Errc::kInvalid, "another squall is at work in '" + path + "'"};
}

}  // namespace squall
