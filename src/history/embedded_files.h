// Files that a run file carries: the machine that it was recorded in (`squall run --embed`),
// compressed by Zstandard.  They may come from a stranger: everything is bounded, and a file whose
// content has not the hash that the table says is never given out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace squall {

inline constexpr std::size_t kMaxEmbeddedFiles = 512;
inline constexpr std::int64_t kMaxEmbeddedSize = std::int64_t{2} << 30U;  // all of them, unpacked

struct EmbeddedFile {
  std::string name;  // "kernel", "qemu/…"; letters, digits and "._+-", at most one '/' inside
  std::string hash;  // SHA-256 of the content
  std::int64_t size = 0;
};

struct FileToEmbed {
  std::string name;
  std::string path;
};

// Adds them to a closed run file that carries none.
[[nodiscard]] Result<> embed_files(const std::string& run_file,
                                   const std::vector<FileToEmbed>& files);

// By name; empty where it carries none.
[[nodiscard]] Result<std::vector<EmbeddedFile>> embedded_files(const std::string& run_file);

// Writes the content to `out`.  kInvalid: it is damaged, and what was written is worth nothing.
[[nodiscard]] Result<> unpack_embedded(const std::string& run_file, const EmbeddedFile& file,
                                       const Fd& out);

}  // namespace squall
