// Programs by content.
#include "search/programs.h"

#include <filesystem>
#include <fstream>
#include <vector>

#include "base/digest.h"
#include "base/program_path.h"

namespace squall {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunk = std::size_t{1} << 16U;

std::string program_file(const std::string& name, const std::string& stacks) {
  std::error_code error;
  if (name.find('/') != std::string::npos) return fs::is_regular_file(name, error) ? name : "";
  const std::string server = find_program(name, path_folders(stacks));
  return server.empty() ? find_program(name, path_folders()) : server;
}

}  // namespace

Result<std::string> digest_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Errc::kIo, path + ": cannot be read"};
  Digest digest;
  std::vector<char> chunk(kChunk);
  while (file) {
    file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    digest.add(std::string_view(chunk.data(), static_cast<std::size_t>(file.gcount())));
  }
  if (file.bad()) return Error{Errc::kIo, path + ": cannot be read to its end"};
  return digest.hex();
}

Result<std::map<std::string, std::string>> program_digests(const Scenario& scenario,
                                                           const std::string& stacks) {
  std::map<std::string, std::string> digests;
  digests["squall"] = TRY(digest_of_file(self_program()));
  for (const ProcessSpec& process : scenario.topology.processes) {
    if (process.command.empty() || digests.contains(process.command[0])) continue;
    const std::string& name = process.command[0];
    const std::string path = process.root.empty() ? program_file(name, stacks) : "";
    digests[name] = path.empty() ? "" : TRY(digest_of_file(path));
  }
  return digests;
}

std::string digest_of_text(const std::string& text) {
  Digest digest;
  digest.add(text);
  return digest.hex();
}

}  // namespace squall
