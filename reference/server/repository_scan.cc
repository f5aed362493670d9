// Lists folders and makes stamps.
#include "reference/server/repository_scan.h"

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "reference/models/repository_layout.h"

namespace squall::reference::server {
namespace {

std::string stamp_of(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return "-";
  return std::to_string(status.st_ino) + ":" + std::to_string(status.st_size) + ":" +
         std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

// The names of the folders in a folder.
Result<std::vector<std::string>> folders_of(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code ignored;  // it may be gone again
    const std::string name = at->path().filename();
    if (!name.starts_with('.') && at->is_directory(ignored)) names.push_back(name);
  }
  if (error) return Error{Errc::kIo, "list " + path + ": " + error.message()};
  return names;
}

std::map<std::int64_t, std::string> scan_model(const std::string& folder) {
  std::map<std::int64_t, std::string> versions;
  const Result<std::vector<std::string>> names = folders_of(folder);
  if (!names.ok()) return versions;  // it was removed after it was listed
  for (const std::string& name : *names) {
    const std::optional<std::int64_t> version = parse_version(name);
    if (!version) continue;
    const std::string place = folder + "/" + name + "/";
    versions[*version] = stamp_of(place + std::string(kModelFile)) + " " +
                         stamp_of(place + std::string(kDigestFile));
  }
  return versions;
}

}  // namespace

Result<RepositoryScan> scan_repository(const std::string& folder) {
  RepositoryScan scan;
  const std::vector<std::string> models = TRY(folders_of(folder));
  for (const std::string& model : models) scan[model] = scan_model(folder + "/" + model);
  return scan;
}

}  // namespace squall::reference::server
