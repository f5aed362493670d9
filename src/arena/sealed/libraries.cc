// A walk over DT_NEEDED.
#include "arena/sealed/libraries.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "arena/sealed/elf.h"
#include "arena/sealed/mapped_file.h"
#include "base/files.h"

namespace squall {
namespace {

constexpr int kMaxIncludes = 8;  // of configuration files in each other

std::vector<std::string> files_like(const std::string& pattern) {
  const std::filesystem::path path(pattern);
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path.parent_path(), error)) {
    const std::string name = entry.path().filename().string();
    if (::fnmatch(path.filename().c_str(), name.c_str(), 0) == 0)
      files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void add_configured(const std::string& file, int depth, std::vector<std::string>& folders) {
  const Result<std::string> text = read_file(file);
  if (!text || depth > kMaxIncludes) return;  // a machine without one has the default folders
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string word;
    if (!(words >> word)) continue;
    if (word != "include") {
      folders.push_back(word);
      continue;
    }
    while (words >> word) {
      const std::string pattern =
          word.front() == '/' ? word
                              : std::filesystem::path(file).parent_path().string() + "/" + word;
      for (const std::string& other : files_like(pattern)) {
        add_configured(other, depth + 1, folders);
      }
    }
  }
}

std::vector<std::string> system_folders() {
  std::vector<std::string> folders;
  add_configured("/etc/ld.so.conf", 0, folders);
  for (const char* folder : {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64",
                             "/usr/lib64", "/lib", "/usr/lib"}) {
    folders.emplace_back(folder);
  }
  return folders;
}

std::string with_origin(std::string folder, const std::string& object) {
  const std::string origin = std::filesystem::path(object).parent_path().string();
  for (const std::string name : {"${ORIGIN}", "$ORIGIN"}) {
    const std::size_t at = folder.find(name);
    if (at != std::string::npos) folder.replace(at, name.size(), origin);
  }
  return folder;
}

class Walk {
 public:
  Result<> add(const std::string& path) {
    std::error_code error;
    const std::string object = std::filesystem::canonical(path, error).string();
    if (error) return Error{Errc::kNotFound, path + ": " + error.message()};
    if (!seen_.insert(object).second) return {};
    const MappedFile file = TRY(MappedFile::open(object));
    const ElfFacts facts = TRY(read_elf(file.bytes()).in(path));
    if (!facts.interpreter.empty()) TRY(record(facts.interpreter, facts.interpreter));
    for (const std::string& name : facts.needed) {
      const std::string path_of_it = TRY(find(name, facts, object));
      TRY(record(name, path_of_it));
    }
    return {};
  }

  LibraryFiles take() { return std::move(files_); }

 private:
  Result<> record(const std::string& name, const std::string& path) {
    std::error_code error;
    const std::string file = std::filesystem::canonical(path, error).string();
    if (error) return Error{Errc::kNotFound, path + ": " + error.message()};
    const auto [known, is_new] = files_.try_emplace(name, file);
    if (!is_new && known->second != file) {
      return Error{Errc::kInvalid, "two files for " + name + ": " + known->second + " and " + file};
    }
    return is_new ? add(file) : Result<>();
  }

  Result<std::string> find(const std::string& name, const ElfFacts& facts,
                           const std::string& object) {
    if (name.find('/') != std::string::npos) return name;
    std::vector<std::string> folders;
    for (const std::string& folder : facts.search) folders.push_back(with_origin(folder, object));
    folders.insert(folders.end(), folders_.begin(), folders_.end());
    for (const std::string& folder : folders) {
      const std::string path = folder + "/" + name;
      const Result<MappedFile> file = MappedFile::open(path);
      if (file.ok() && read_elf(file->bytes()).ok()) return path;
    }
    return Error{Errc::kNotFound, object + " needs " + name + ", which is in no library folder"};
  }

  std::vector<std::string> folders_ = system_folders();
  std::set<std::string> seen_;
  LibraryFiles files_;
};

}  // namespace

Result<LibraryFiles> libraries_of(const std::vector<std::string>& programs) {
  Walk walk;
  for (const std::string& program : programs) TRY(walk.add(program));
  return walk.take();
}

}  // namespace squall
