// Looks; the only thing it makes is a file without a name.
#include "arena/sealed/sealed_host.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>

#include "arena/sealed/cache.h"
#include "base/files.h"
#include "base/program_path.h"

namespace squall {
namespace {

std::optional<std::uint64_t> number_in(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text.ok() || text->empty() || text->front() < '0' || text->front() > '9') return {};
  return std::strtoull(text->c_str(), nullptr, 10);
}

// A container's own limit, as its cgroup (v2, v1) shows it at the root of its mount.
std::optional<std::uint64_t> left_in_cgroup(const std::string& root) {
  const std::string folder = root + "/sys/fs/cgroup/";
  for (const auto& [limit, used] :
       {std::pair{"memory.max", "memory.current"},
        std::pair{"memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"}}) {
    const auto bytes = number_in(folder + limit);
    const auto taken = number_in(folder + used);
    if (bytes && taken) return *bytes > *taken ? *bytes - *taken : 0;
  }
  return {};
}

}  // namespace

std::vector<std::string> kernel_folders() {
  const char* given = std::getenv("SQUALL_KERNEL");  // NOLINT(concurrency-mt-unsafe): one thread
  if (given != nullptr) return {given};
  std::vector<std::string> folders;
  const std::filesystem::path bin = std::filesystem::path(self_program()).parent_path();
  for (const char* below : {"../kernel/root", "../share/squall/kernel"}) {
    folders.push_back((bin / below).lexically_normal().string());
  }
  folders.emplace_back("");  // boot/ and lib/ of this machine
  return folders;
}

std::uint64_t available_memory_mib(const std::string& root) {
  std::istringstream words(read_file(root + "/proc/meminfo").value_or(""));
  std::uint64_t mib = 0;
  for (std::string word; words >> word;) {
    if (word == "MemAvailable:" && words >> mib) break;
  }
  mib /= 1024;
  const std::optional<std::uint64_t> left = left_in_cgroup(root);
  return left ? std::min(mib, *left >> 20U) : mib;
}

Result<CacheSpace> probe_cache() {
  CacheSpace space;
  space.folder = TRY(cache_folder());
  TRY(nameless_file(space.folder));
  std::error_code error;
  const auto disk = std::filesystem::space(space.folder, error);
  space.free_mib = error ? 0 : disk.available >> 20U;
  return space;
}

Result<> probe_sealed() {
  TRY(find_qemu());
  TRY(find_kernel(kernel_folders()));
  TRY(probe_cache());
  const std::uint64_t memory = available_memory_mib();
  if (memory == 0 || memory >= kMachineResidentMib) return {};
  return Error{Errc::kUnsupported,
               "the sealed machine takes some " + std::to_string(kMachineResidentMib) +
                   " MiB of memory, and " + std::to_string(memory) + " MiB are available"};
}

}  // namespace squall
