// The machine, as a run file records it.
#include "cli/host_facts.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "base/program_path.h"
#include "base/version.h"

namespace squall {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no thread yet
  return value == nullptr ? "" : value;
}

std::string os_name() {
  const std::string text = read_file("/etc/os-release").value_or("");
  const std::string key = "PRETTY_NAME=\"";
  const std::size_t begin = text.find(key);
  if (begin == std::string::npos) return "unknown";
  const std::size_t from = begin + key.size();
  return text.substr(from, text.find('"', from) - from);
}

}  // namespace

std::map<std::string, std::string> host_facts() {
  std::map<std::string, std::string> facts;
  utsname name{};
  if (::uname(&name) == 0) {
    facts["kernel"] = std::string(name.sysname) + " " + name.release;
    facts["machine"] = name.machine;
  }
  facts["os"] = os_name();
  facts["processors"] = std::to_string(::sysconf(_SC_NPROCESSORS_ONLN));
  const std::int64_t pages = ::sysconf(_SC_PHYS_PAGES);
  facts["memory_mib"] = std::to_string(pages / 256 * (::sysconf(_SC_PAGESIZE) / 4096));
  facts["squall"] = kVersion;
  facts["uid"] = std::to_string(::geteuid());
  return facts;
}

std::string stacks_path() {
  std::string root = environment("SQUALL_STACKS");
  if (root.empty())
    root = (std::filesystem::path(self_program()).parent_path() / "../stacks/root").string();
  std::error_code error;
  for (const std::string& folder : {root + "/usr/bin", root}) {
    if (!std::filesystem::is_directory(folder, error)) continue;
    return std::filesystem::canonical(folder, error).string();
  }
  return "";
}

}  // namespace squall
