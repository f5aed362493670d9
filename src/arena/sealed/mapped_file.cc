// mmap(2), read only and private.
#include "arena/sealed/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/fd.h"

namespace squall {

Result<MappedFile> MappedFile::open(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return errno_error("open " + path);
  struct stat facts = {};
  if (::fstat(fd.get(), &facts) != 0) return errno_error("look at " + path);
  if (!S_ISREG(facts.st_mode)) return Error{Errc::kInvalid, path + " is not a file"};
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (size == 0) return MappedFile(nullptr, 0);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (data == MAP_FAILED) return errno_error("map " + path);
  return MappedFile(static_cast<const char*>(data), size);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) (void)::munmap(const_cast<char*>(data_), size_);
}

}  // namespace squall
