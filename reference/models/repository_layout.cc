// Publishes and reads versions.
#include "reference/models/repository_layout.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <charconv>
#include <filesystem>
#include <system_error>

#include "base/digest.h"
#include "base/files.h"

namespace squall::reference {
namespace {

constexpr std::size_t kMaxDigestFile = 4096;

std::string digest_of(std::string_view bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.hex();
}

Result<> make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return Error{Errc::kIo, "make folder " + path + ": " + error.message()};
  return {};
}

// Into the place of `to`, whether it exists or not; what was there is then at `from`.
Result<> swap_in(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return {};
  if (errno == ENOENT && renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), 0) == 0) return {};
  return errno_error("rename " + from + " to " + to);
}

bool exists(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0;
}

}  // namespace

Result<> publish_version(const std::string& repository, const std::string& model,
                         std::int64_t version, std::string_view onnx) {
  const std::string place = repository + "/" + model + "/" + std::to_string(version);
  const std::string hidden =
      repository + "/" + model + "/." + std::to_string(version) + "." + std::to_string(getpid());
  (void)TRY(make_folder(hidden));
  const std::string digest = digest_of(onnx) + "  " + std::string(kModelFile) + "\n";
  (void)TRY(write_file_durably(hidden + "/" + std::string(kModelFile), onnx));
  (void)TRY(write_file_durably(hidden + "/" + std::string(kDigestFile), digest));
  (void)TRY(swap_in(hidden, place));
  std::error_code ignored;  // a hidden folder that stays is not a version
  std::filesystem::remove_all(hidden, ignored);
  return {};
}

Result<std::string> read_version(const std::string& folder) {
  const std::string model_path = folder + "/" + std::string(kModelFile);
  const std::string digest_path = folder + "/" + std::string(kDigestFile);
  for (const std::string& path : {model_path, digest_path}) {
    if (!exists(path)) return Error{Errc::kNotFound, path + ": not there"};
  }
  const std::string line = TRY(read_file(digest_path, kMaxDigestFile));
  std::string onnx = TRY(read_file(model_path, kMaxModelBytes));
  const std::string wanted = line.substr(0, line.find_first_of(" \t\r\n"));
  const std::string found = digest_of(onnx);
  if (wanted != found) {
    return Error{Errc::kInvalid, model_path + ": its SHA-256 is " + found + ", and " +
                                     std::string(kDigestFile) + " says '" + wanted + "'"};
  }
  return onnx;
}

std::optional<std::int64_t> parse_version(std::string_view text) {
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || version < 1 || text.front() == '0') return std::nullopt;
  return version;
}

}  // namespace squall::reference
