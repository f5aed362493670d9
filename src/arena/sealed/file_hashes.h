// SHA-256 of files, remembered by what stat(2) says of them, since reading some 300 MB of programs
// before every run would take longer than a resumed run does.
#pragma once

#include <map>
#include <string>

#include "base/digest.h"
#include "base/result.h"

namespace squall {

class FileHashes {
 public:
  // `memory` holds what was hashed before; a missing or damaged one is as good as empty.
  explicit FileHashes(std::string memory);

  // A file that changed without changing size, time of change (ctime) and inode is not noticed.
  [[nodiscard]] Result<std::string> of(const std::string& path);
  // Best effort.
  void save() const;

 private:
  std::string memory_;
  std::map<std::string, std::string> known_;  // "device inode size ctime" → hash
  bool has_news_ = false;
};

[[nodiscard]] std::string digest_of(std::string_view bytes);

}  // namespace squall
