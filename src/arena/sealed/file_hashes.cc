// One line a file: what stat says, and the hash.
#include "arena/sealed/file_hashes.h"

#include <sys/stat.h>

#include <sstream>

#include "arena/sealed/mapped_file.h"
#include "base/files.h"

namespace squall {
namespace {

constexpr std::size_t kMaxRemembered = 4096;

Result<std::string> facts_of(const std::string& path) {
  struct stat facts = {};
  if (::stat(path.c_str(), &facts) != 0) return errno_error("look at " + path);
  std::ostringstream text;
  text << facts.st_dev << ':' << facts.st_ino << ':' << facts.st_size << ':' << facts.st_ctim.tv_sec
       << '.' << facts.st_ctim.tv_nsec;
  return text.str();
}

}  // namespace

FileHashes::FileHashes(std::string memory) : memory_(std::move(memory)) {
  std::istringstream lines(read_file(memory_).value_or(""));
  std::string facts;
  std::string hash;
  while (lines >> facts >> hash && known_.size() < kMaxRemembered) known_[facts] = hash;
}

Result<std::string> FileHashes::of(const std::string& path) {
  const std::string facts = TRY(facts_of(path));
  if (const auto found = known_.find(facts); found != known_.end()) return found->second;
  const MappedFile file = TRY(MappedFile::open(path));
  const std::string hash = digest_of(file.bytes());
  known_[facts] = hash;
  has_news_ = true;
  return hash;
}

void FileHashes::save() const {
  if (!has_news_) return;
  std::string text;
  for (const auto& [facts, hash] : known_) text += facts + " " + hash + "\n";
  (void)write_file_durably(memory_, text);  // without it, the next run hashes again
}

std::string digest_of(std::string_view bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.hex();
}

}  // namespace squall
