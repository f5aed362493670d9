// Replays saved inputs through a fuzz target, for compilers without libFuzzer: PROGRAM FOLDER…
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"

// libFuzzer's name, which every target defines.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::string> inputs_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code ignored;  // a folder that is not there has no inputs
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.is_regular_file()) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// The name comes first, so that the last line before a crash says which input it was.
bool replay(const std::string& path) {
  (void)std::fprintf(stderr, "%s\n", path.c_str());
  const squall::Result<std::string> input = squall::read_file(path);
  if (!input) {
    (void)std::fprintf(stderr, "%s\n", input.error().what.c_str());
    return false;
  }
  const std::vector<std::uint8_t> bytes(input->begin(), input->end());
  (void)LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> folders(argv + 1, argv + argc);
  std::size_t replayed = 0;
  for (const std::string& folder : folders) {
    for (const std::string& path : inputs_in(folder)) {
      if (!replay(path)) return 1;
      ++replayed;
    }
  }
  (void)std::fprintf(stderr, "%zu inputs replayed\n", replayed);
  return replayed > 0 ? 0 : 1;  // a corpus that is not there would prove nothing
}
