// Collects the files, names the content, and writes the archive once.
#include "arena/sealed/image.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>

#include "arena/sealed/cache.h"
#include "arena/sealed/cpio.h"
#include "arena/sealed/elf.h"
#include "arena/sealed/file_hashes.h"
#include "arena/sealed/libraries.h"
#include "arena/sealed/mailbox.h"
#include "arena/sealed/mapped_file.h"

namespace squall {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBeside = "/squall/bin";
constexpr const char* kShare = "/squall/share/squall";
constexpr const char* kLibraries = "/lib/x86_64-linux-gnu";
constexpr std::size_t kImagesKept = 3;
constexpr std::string_view kFormat = "squall image 1";  // part of the hash
constexpr mode_t kProgram = 0755;
constexpr mode_t kData = 0644;

// One file of the image.
struct Source {
  std::string file;  // on this machine; "": `text` is the content
  std::string text{};
  mode_t mode = kData;
};
using Sources = std::map<std::string, Source>;  // by the path inside

std::string canonical(const std::string& path) {
  std::error_code error;
  const fs::path full = fs::canonical(path, error);
  return error ? "" : full.string();
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ':');) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

std::string search_path() {
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): no thread yet
  return path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
}

// Where a program is here, and where it will be in the machine.
struct Place {
  std::string file;
  std::string inside;
};

std::optional<Place> find_program(const std::string& name, const ImageRequest& request) {
  if (name.find('/') != std::string::npos) {
    const std::string file = canonical(name);
    if (file.empty()) return std::nullopt;
    return Place{file, fs::absolute(name).lexically_normal().string()};
  }
  for (const std::string& folder : split(request.stacks)) {
    const std::string file = canonical(folder + "/" + name);
    if (!file.empty()) return Place{file, std::string(kImageStacks) + "/" + name};
  }
  const std::string beside = fs::path(request.self).parent_path().string();
  if (const std::string file = canonical(beside + "/" + name); !file.empty()) {
    return Place{file, std::string(kBeside) + "/" + name};
  }
  for (const std::string& folder : split(search_path())) {
    const std::string file = canonical(folder + "/" + name);
    if (!file.empty()) return Place{file, folder + "/" + name};
  }
  return std::nullopt;
}

Error unfit(const std::string& name, const std::string& why) {
  return Error{Errc::kUnsupported, "'" + name + "' cannot run in the sealed arena: " + why};
}

Result<Place> place_of(const std::string& name, const ImageRequest& request) {
  const std::optional<Place> place = find_program(name, request);
  if (!place) return unfit(name, "there is no such program here");
  const MappedFile file = TRY(MappedFile::open(place->file));
  if (looks_like_elf(file.bytes())) return *place;
  return unfit(name,
               "it is no ELF program, and what its interpreter needs cannot be known; "
               "run it with --arena lab");
}

// The programs themselves, as files here.
Result<std::vector<std::string>> add_programs(const ImageRequest& request, Sources& sources) {
  std::vector<std::string> files{request.self};
  sources[kImageSelf] = {.file = request.self, .mode = kProgram};
  for (const std::string& name : request.programs) {
    const Place place = TRY(place_of(name, request));
    sources[place.inside] = {.file = place.file, .mode = kProgram};
    files.push_back(place.file);
  }
  return files;
}

Result<> add_libraries(const std::vector<std::string>& programs, Sources& sources) {
  for (const auto& [name, file] : TRY(libraries_of(programs))) {
    const std::string inside = name.front() == '/' ? name : std::string(kLibraries) + "/" + name;
    sources[inside] = {.file = file, .mode = kProgram};
  }
  return {};
}

void add_tree(const std::string& folder, const std::string& inside, Sources& sources) {
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (!entry.is_regular_file(error)) continue;
    const std::string below = entry.path().lexically_relative(folder).string();
    const bool is_program =
        (entry.status(error).permissions() & fs::perms::owner_exec) != fs::perms::none;
    sources[inside + "/" + below] = {.file = entry.path().string(),
                                     .mode = is_program ? kProgram : kData};
  }
}

Result<> add_included(const ImageRequest& request, Sources& sources) {
  for (const std::string& path : request.include) {
    const std::string file = canonical(path);
    if (file.empty()) return Error{Errc::kNotFound, path + ": there is no such file"};
    const std::string inside = fs::absolute(path).lexically_normal().string();
    if (fs::is_directory(file)) {
      add_tree(file, inside, sources);
    } else {
      sources[inside] = {.file = file, .mode = kProgram};
    }
  }
  return {};
}

Result<> add_modules(const KernelPackage& kernel, Sources& sources) {
  int number = 100;
  for (const std::string& file : TRY(modules_in_order(kernel, lab_modules()))) {
    sources["/modules/" + std::to_string(number++) + "-" + fs::path(file).filename().string()] = {
        .file = file};
  }
  return {};
}

void add_texts(Sources& sources) {
  sources["/etc/passwd"] = {.file = "",
                            .text =
                                "root:x:0:0:root:/:/bin/false\n"
                                "squall:x:1000:1000:squall:/:/bin/false\n"};
  sources["/etc/group"] = {.file = "", .text = "root:x:0:\nsquall:x:1000:\n"};
  sources["/etc/nsswitch.conf"] = {.file = "", .text = "passwd: files\nhosts: files\n"};
  sources["/etc/hosts"] = {.file = "", .text = "127.0.0.1 localhost\n::1 localhost\n"};
  sources["/etc/os-release"] = {.file = "", .text = "PRETTY_NAME=\"the sealed arena\"\n"};
}

Result<Sources> collect(const ImageRequest& request) {
  Sources sources;
  const std::vector<std::string> programs = TRY(add_programs(request, sources));
  TRY(add_included(request, sources));
  std::vector<std::string> with_needs = programs;
  for (const auto& [inside, source] : sources) {
    if (source.mode != kProgram || source.file.empty()) continue;
    const MappedFile file = TRY(MappedFile::open(source.file));
    if (looks_like_elf(file.bytes())) with_needs.push_back(source.file);
  }
  TRY(add_libraries(with_needs, sources));
  add_tree(canonical(fs::path(request.self).parent_path().string() + "/../share/squall"), kShare,
           sources);
  TRY(add_modules(request.kernel, sources));
  add_texts(sources);
  return sources;
}

Result<> write_source(CpioWriter& archive, const std::string& inside, const Source& source) {
  if (source.file.empty()) return archive.add_file(inside, source.text, source.mode);
  const MappedFile file = TRY(MappedFile::open(source.file));
  // A module's sections are what the kernel loads; a program's are for debuggers only.
  if (source.mode != kProgram || !looks_like_elf(file.bytes())) {
    return archive.add_file(inside, file.bytes(), source.mode);
  }
  const ElfFacts facts = TRY(read_elf(file.bytes()).in(source.file));
  return archive.add_file(inside, loadable_part(file.bytes(), facts), source.mode);
}

Result<> write_archive(const Sources& sources, const Fd& out) {
  CpioWriter archive(out);
  TRY(archive.add_device("/dev/console", 5, 1));
  TRY(archive.add_device("/dev/null", 1, 3));
  TRY(archive.add_device("/dev/mem", 1, 1));
  for (const char* folder : {"/proc", "/sys", "/tmp", "/run", "/var/tmp", "/dev/shm", "/out"}) {
    TRY(archive.add_folder(folder));
  }
  for (const auto& [inside, source] : sources) TRY(write_source(archive, inside, source));
  return archive.finish();
}

}  // namespace

const std::vector<std::string>& lab_modules() {
  static const std::vector<std::string> kModules = {
      "tun",         "veth",      "bridge",    "nf_tables",    "nft_numgen",
      "nft_objref",  "nft_ct",    "nft_limit", "nft_reject",   "nft_reject_inet",
      "nft_hash",    "nft_quota", "sch_netem", "sch_prio",     "sch_htb",
      "sch_ingress", "cls_u32",   "cls_fw",    "cls_matchall", "act_mirred",
      "act_skbedit", "ifb",       "fuse",      "inet_diag",    "tcp_diag"};
  return kModules;
}

Result<> check_program(const std::string& name, const ImageRequest& request) {
  (void)TRY(place_of(name, request));
  return {};
}

// Unpacked beside the archive, of which the kernel lets the copy take half of what is left of the
// memory; the archive lies at the end of memory and must not reach down into the mailbox.
Result<> check_image_size(std::uint64_t bytes, unsigned memory_mib) {
  constexpr std::uint64_t kMailboxMib = kMailboxSize >> 20U;
  constexpr std::uint64_t kMailboxEndMib = (kMailboxAddress + kMailboxSize) >> 20U;
  constexpr std::uint64_t kForTheStackMib = 200;
  const std::uint64_t image_mib = (bytes >> 20U) + 1;
  const std::uint64_t needed =
      std::max(kMailboxEndMib + image_mib, kMailboxMib + 2 * image_mib + kForTheStackMib);
  if (needed <= memory_mib) return {};
  return Error{Errc::kUnsupported, "the image of " + std::to_string(image_mib) +
                                       " MiB needs a machine of " + std::to_string(needed) +
                                       " MiB: --machine-memory, which is " +
                                       std::to_string(memory_mib)};
}

Result<Image> make_image(const ImageRequest& request) {
  const Sources sources = TRY(collect(request));
  Image image;
  FileHashes hashes(request.cache + "/hashes");
  Digest all;
  all.add(kFormat);
  for (const auto& [inside, source] : sources) {
    const std::string hash =
        source.file.empty() ? digest_of(source.text) : TRY(hashes.of(source.file));
    image.files[inside] = hash;
    all.add(inside + '\0' + hash + '\0');
  }
  hashes.save();
  image.hash = all.hex();
  image.path = request.cache + "/" + image.hash.substr(0, 32) + ".cpio";
  const Fd lock = TRY(lock_file(request.cache + "/lock"));
  if (::access(image.path.c_str(), R_OK) == 0) {
    touch(image.path);
    image.was_cached = true;
    return image;
  }
  if (request.progress) {
    request.progress("building the machine's image: " + std::to_string(sources.size()) + " files");
  }
  const Fd file = TRY(nameless_file(request.cache));
  TRY(write_archive(sources, file));
  TRY(give_name(file, image.path));
  prune_cache(request.cache, {".cpio"}, kImagesKept);
  return image;
}

}  // namespace squall
