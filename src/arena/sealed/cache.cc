// O_TMPFILE and linkat(2): the kernel forgets a file that never got a name.
#include "arena/sealed/cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace squall {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no thread yet
  return value == nullptr ? "" : value;
}

std::string wanted_folder() {
  if (const std::string own = variable("SQUALL_CACHE"); !own.empty()) return own;
  if (const std::string base = variable("XDG_CACHE_HOME"); !base.empty()) return base + "/squall";
  if (const std::string home = variable("HOME"); !home.empty()) return home + "/.cache/squall";
  return "/var/tmp/squall-" + std::to_string(::geteuid());
}

struct Group {
  std::string stem;
  std::filesystem::file_time_type used;
};

}  // namespace

Result<std::string> cache_folder() {
  const std::string folder = wanted_folder();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return Error{Errc::kIo, "the cache " + folder + ": " + error.message() +
                                "; SQUALL_CACHE names another folder"};
  }
  return folder;
}

Result<Fd> nameless_file(const std::string& folder) {
  Fd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file.is_open()) return errno_error("make a file in " + folder);
  return file;
}

Result<> give_name(const Fd& file, const std::string& path) {
  const std::string open_file = "/proc/self/fd/" + std::to_string(file.get());
  (void)::unlink(path.c_str());  // linkat does not replace
  if (::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0) {
    return errno_error("name " + path);
  }
  return {};
}

Result<Fd> lock_file(const std::string& path) {
  Fd file(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (!file.is_open()) return errno_error("open " + path);
  while (::flock(file.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return errno_error("lock " + path);
  }
  return file;
}

void prune_cache(const std::string& folder, const std::vector<std::string>& suffixes,
                 std::size_t kept) {
  std::vector<Group> groups;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string path = entry.path().string();
    if (!path.ends_with(suffixes.front())) continue;
    groups.push_back({path.substr(0, path.size() - suffixes.front().size()),
                      std::filesystem::last_write_time(entry.path(), error)});
  }
  std::sort(groups.begin(), groups.end(),
            [](const Group& a, const Group& b) { return a.used > b.used; });
  for (std::size_t i = kept; i < groups.size(); ++i) {
    for (const std::string& suffix : suffixes) {
      std::filesystem::remove(groups[i].stem + suffix, error);
    }
  }
}

void touch(const std::string& path) {
  (void)::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);  // a cache's age is no promise
}

}  // namespace squall
