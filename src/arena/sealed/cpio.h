// An initial RAM file system: a cpio archive in the "newc" format
// (Documentation/driver-api/early-userspace/buffer-format.rst of Linux).  Times, owners and inode
// numbers are fixed, so that equal content gives equal bytes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/fd.h"
#include "base/result.h"

namespace squall {

class CpioWriter {
 public:
  // Writes to `out` from its current position on; `out` is the caller's.
  explicit CpioWriter(const Fd& out) : out_(out) {}

  // Paths are absolute; the folders above are added by themselves, once.
  [[nodiscard]] Result<> add_file(const std::string& path, std::string_view bytes, mode_t mode);
  [[nodiscard]] Result<> add_link(const std::string& path, const std::string& target);
  [[nodiscard]] Result<> add_folder(const std::string& path);
  [[nodiscard]] Result<> add_device(const std::string& path, unsigned major, unsigned minor);
  // Once, at the end.
  [[nodiscard]] Result<> finish();
  // SHA-256 of all that was written; once, after finish().
  [[nodiscard]] std::string hash() { return digest_.hex(); }

 private:
  struct Entry {
    std::string_view name;
    std::string_view bytes{};
    mode_t mode = 0;
    unsigned major = 0;
    unsigned minor = 0;
  };
  [[nodiscard]] Result<> add_parents(const std::string& path);
  [[nodiscard]] Result<> add(const Entry& entry);
  [[nodiscard]] Result<> put(std::string_view bytes);
  [[nodiscard]] Result<> pad();

  const Fd& out_;
  Digest digest_;
  std::uint64_t written_ = 0;
  std::uint32_t next_inode_ = 1;
  std::set<std::string> folders_;
};

}  // namespace squall
