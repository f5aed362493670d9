// One header of 13 eight-digit numbers an entry, everything padded to four bytes.
#include "arena/sealed/cpio.h"

#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <limits>

namespace squall {
namespace {

constexpr std::uint64_t kAlignment = 4;

std::string_view relative(std::string_view path) {
  return path.substr(path.find_first_not_of('/'));
}

}  // namespace

Result<> CpioWriter::add_file(const std::string& path, std::string_view bytes, mode_t mode) {
  TRY(add_parents(path));
  return add({.name = relative(path), .bytes = bytes, .mode = S_IFREG | mode});
}

Result<> CpioWriter::add_link(const std::string& path, const std::string& target) {
  TRY(add_parents(path));
  return add({.name = relative(path), .bytes = target, .mode = S_IFLNK | 0777U});
}

Result<> CpioWriter::add_folder(const std::string& path) {
  TRY(add_parents(path));
  if (!folders_.insert(path).second) return {};
  return add({.name = relative(path), .mode = S_IFDIR | 0755U});
}

Result<> CpioWriter::add_device(const std::string& path, unsigned major, unsigned minor) {
  TRY(add_parents(path));
  return add({.name = relative(path), .mode = S_IFCHR | 0600U, .major = major, .minor = minor});
}

Result<> CpioWriter::finish() {
  return add({.name = "TRAILER!!!"});
}

Result<> CpioWriter::add_parents(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  CHECK(slash != std::string::npos);
  return slash == 0 ? Result<>() : add_folder(path.substr(0, slash));
}

Result<> CpioWriter::add(const Entry& entry) {
  if (entry.bytes.size() > std::numeric_limits<std::uint32_t>::max()) {
    return Error{Errc::kInvalid, std::string(entry.name) + " is over the limit of 4 GiB"};
  }
  const auto bytes = static_cast<unsigned>(entry.bytes.size());
  const auto name = static_cast<unsigned>(entry.name.size() + 1);
  // inode, mode, uid, gid, links, time, size, device, its own device, length of the name, checksum
  const std::array<unsigned, 13> fields = {next_inode_++, entry.mode,  0,    0, 1, 0, bytes, 0, 0,
                                           entry.major,   entry.minor, name, 0};
  TRY(put("070701"));
  for (const unsigned field : fields) {
    std::array<char, 9> digits{};
    (void)std::snprintf(digits.data(), digits.size(), "%08x", field);
    TRY(put(std::string_view(digits.data(), 8)));
  }
  TRY(put(entry.name));
  TRY(put(std::string_view("\0", 1)));
  TRY(pad());
  TRY(put(entry.bytes));
  return pad();
}

Result<> CpioWriter::put(std::string_view bytes) {
  written_ += bytes.size();
  digest_.add(bytes);
  while (!bytes.empty()) {
    const ssize_t count = ::write(out_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("write the image");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<> CpioWriter::pad() {
  static constexpr std::string_view kZeros("\0\0\0", 3);
  const std::uint64_t over = written_ % kAlignment;
  return over == 0 ? Result<>() : put(kZeros.substr(0, kAlignment - over));
}

}  // namespace squall
