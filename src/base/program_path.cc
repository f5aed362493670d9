// As execvp(3) does it: a regular file that may be executed.
#include "base/program_path.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace squall {

std::vector<std::string> path_folders(const std::string& list) {
  std::vector<std::string> folders;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(':', begin), list.size());
    if (end > begin) folders.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return folders;
}

std::vector<std::string> path_folders() {
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): no thread yet
  return path_folders(path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path);
}

std::string find_program(const std::string& name, const std::vector<std::string>& folders) {
  std::error_code error;
  for (const std::string& folder : folders) {
    std::string path = folder + "/" + name;
    const bool is_file = std::filesystem::is_regular_file(path, error);
    if (is_file && ::access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

std::string self_program() {
  std::error_code error;
  return std::filesystem::canonical("/proc/self/exe", error).string();
}

}  // namespace squall
