// The machine's image: an initial RAM file system with squall, the stack's programs, exactly the
// shared libraries that their ELF headers need, and the kernel modules of a lab.  Built once for
// its content and kept in the cache.
//
//   /squall/bin/…            squall itself and what lies beside it
//   /squall/share/squall/…   their data
//   /stacks/…                the programs of unpacked packages
//   /lib/x86_64-linux-gnu/…  libraries, flat
//   /modules/NNN-NAME.ko     in the order of loading
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "arena/sealed/file_hashes.h"
#include "arena/sealed/kernel_package.h"
#include "base/result.h"

namespace squall {

struct ImageRequest {
  KernelPackage kernel;
  std::string self;                     // the program `squall`
  std::vector<std::string> programs{};  // names or paths, as a topology's commands begin with
  std::string stacks;                   // bin folders of unpacked servers, colon separated
  std::vector<std::string> include{};   // files and folders to add under their own paths
  std::set<std::string> only{};         // of included folders, by path in the image; empty: all
  std::string folder{};                 // what relative programs are below
  std::string cache;                    // folder
  std::function<void(const std::string&)> progress{};
};

// What an image is made of.
struct ImageContent {
  std::map<std::string, std::string> files;     // path in the image → SHA-256 of its content
  std::map<std::string, std::string> programs;  // name as asked for → path in the image
  std::set<std::string> included;               // of `files`, what only --include brought in
};

struct Image {
  std::string path;  // of the archive
  std::string hash;  // SHA-256 of the archive
  ImageContent content;
};

// The kernel modules of a lab and its faults.
[[nodiscard]] const std::vector<std::string>& lab_modules();

// Whether a program can be taken into the machine, and if not, why.  Of the request, `self` and
// `stacks` count.
[[nodiscard]] Result<> check_program(const std::string& name, const ImageRequest& request);
// Whether an image of so many bytes fits into a machine beside the mailbox and what it unpacks.
[[nodiscard]] Result<> check_image_size(std::uint64_t bytes, unsigned memory_mib);

// kInvalid or kNotFound names the program that cannot be taken into the machine, and why: not
// found, a script (its interpreter's files are unknown), another machine's.
[[nodiscard]] Result<Image> make_image(const ImageRequest& request, FileHashes& hashes);
// The same without building anything.
[[nodiscard]] Result<ImageContent> content_of_image(const ImageRequest& request,
                                                    FileHashes& hashes);

// The search path for programs inside.
inline constexpr const char* kImageStacks = "/stacks";
inline constexpr const char* kImageSelf = "/squall/bin/squall";

}  // namespace squall
