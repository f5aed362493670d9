// Collects the files, names the content, and writes the archive once.
#include "arena/sealed/image.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "arena/sealed/cache.h"
#include "arena/sealed/cpio.h"
#include "arena/sealed/elf.h"
#include "arena/sealed/libraries.h"
#include "arena/sealed/mailbox.h"
#include "arena/sealed/mapped_file.h"
#include "base/files.h"
#include "base/program_path.h"

namespace squall {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBeside = "/squall/bin";
constexpr const char* kShare = "/squall/share/squall";
constexpr const char* kLibraries = "/lib/x86_64-linux-gnu";
constexpr std::size_t kImagesKept = 3;
constexpr std::string_view kFormat = "squall image 2";  // part of the hash
constexpr mode_t kProgram = 0755;
constexpr mode_t kData = 0644;

// One file of the image.
struct Source {
  std::string file;  // on this machine; "": `text` is the content
  std::string text{};
  mode_t mode = kData;
  bool is_included = false;
};
using Sources = std::map<std::string, Source>;  // by the path inside

std::string canonical(const std::string& path) {
  std::error_code error;
  const fs::path full = fs::canonical(path, error);
  return error ? "" : full.string();
}

// Where a program is here, and where it will be in the machine.
struct Place {
  std::string file;
  std::string inside;
};

// Below the folder where the run was asked for, else below this one.
std::optional<Place> place_of_path(const std::string& name, const std::string& folder) {
  const std::string inside = (fs::path(folder) / name).lexically_normal().string();
  for (const std::string& file : {canonical(inside), canonical(name)}) {
    if (!file.empty()) return Place{file, inside};
  }
  return std::nullopt;
}

std::optional<Place> place_of(const std::string& name, const ImageRequest& request) {
  if (name.find('/') != std::string::npos) return place_of_path(name, request.folder);
  const std::string beside = fs::path(request.self).parent_path().string();
  const std::vector<std::pair<std::string, std::vector<std::string>>> places = {
      {kImageStacks, path_folders(request.stacks)}, {kBeside, {beside}}, {"", path_folders()}};
  for (const auto& [inside, folders] : places) {
    const std::string path = find_program(name, folders);
    if (path.empty()) continue;
    return Place{canonical(path), inside.empty() ? path : inside + "/" + name};
  }
  return std::nullopt;
}

Error unfit(const std::string& name, const std::string& why) {
  return Error{Errc::kUnsupported, "'" + name + "' cannot run in the sealed arena: " + why};
}

Result<Place> program_at(const std::string& name, const ImageRequest& request) {
  const std::optional<Place> place = place_of(name, request);
  if (!place) return unfit(name, "there is no such program here");
  const MappedFile file = TRY(MappedFile::open(place->file));
  if (looks_like_elf(file.bytes())) return *place;
  return unfit(name,
               "it is no ELF program, and what its interpreter needs cannot be known; "
               "run it with --arena lab");
}

// The programs themselves, as files here.
Result<std::vector<std::string>> add_programs(const ImageRequest& request, Sources& sources,
                                              std::map<std::string, std::string>& places) {
  std::vector<std::string> files{request.self};
  sources[kImageSelf] = {.file = request.self, .mode = kProgram};
  for (const std::string& name : request.programs) {
    const Place place = TRY(program_at(name, request));
    sources[place.inside] = {.file = place.file, .mode = kProgram};
    places[name] = place.inside;
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

Sources tree(const std::string& folder, const std::string& inside) {
  Sources sources;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (!entry.is_regular_file(error)) continue;
    const std::string below = entry.path().lexically_relative(folder).string();
    const bool is_program =
        (entry.status(error).permissions() & fs::perms::owner_exec) != fs::perms::none;
    sources[inside + "/" + below] = {.file = entry.path().string(),
                                     .mode = is_program ? kProgram : kData};
  }
  return sources;
}

Result<> add_included(const ImageRequest& request, Sources& sources) {
  for (const std::string& path : request.include) {
    const std::string file = canonical(path);
    if (file.empty()) return Error{Errc::kNotFound, path + ": there is no such file"};
    const std::string inside = fs::absolute(path).lexically_normal().string();
    Sources included = fs::is_directory(file) ? tree(file, inside)
                                              : Sources{{inside, {.file = file, .mode = kProgram}}};
    for (auto& [name, source] : included) {
      if (!request.only.empty() && !request.only.contains(name)) continue;
      source.is_included = true;
      sources[name] = std::move(source);
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

// The second: where the programs are.
using Collected = std::pair<Sources, std::map<std::string, std::string>>;

Result<Collected> collect(const ImageRequest& request) {
  Collected collected;
  auto& [sources, places] = collected;
  const std::vector<std::string> programs = TRY(add_programs(request, sources, places));
  TRY(add_included(request, sources));
  std::vector<std::string> with_needs = programs;
  for (const auto& [inside, source] : sources) {
    if (source.mode != kProgram || source.file.empty()) continue;
    const MappedFile file = TRY(MappedFile::open(source.file));
    if (looks_like_elf(file.bytes())) with_needs.push_back(source.file);
  }
  TRY(add_libraries(with_needs, sources));
  const std::string share = fs::path(request.self).parent_path() / "../share/squall";
  for (auto& [inside, source] : tree(canonical(share), kShare)) sources[inside] = source;
  TRY(add_modules(request.kernel, sources));
  add_texts(sources);
  return collected;
}

Result<ImageContent> content_of(const Collected& collected, FileHashes& hashes) {
  ImageContent content{.files = {}, .programs = collected.second, .included = {}};
  for (const auto& [inside, source] : collected.first) {
    if (source.is_included) content.included.insert(inside);
    content.files[inside] =
        source.file.empty() ? digest_of(source.text) : TRY(hashes.of(source.file));
  }
  hashes.save();
  return content;
}

std::string name_of(const ImageContent& content) {
  Digest all;
  all.add(kFormat);
  for (const auto& [inside, hash] : content.files) all.add(inside + '\0' + hash + '\0');
  return all.hex().substr(0, 32);
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

// Its hash.
Result<std::string> write_archive(const Sources& sources, const Fd& out) {
  CpioWriter archive(out);
  TRY(archive.add_device("/dev/console", 5, 1));
  TRY(archive.add_device("/dev/null", 1, 3));
  TRY(archive.add_device("/dev/mem", 1, 1));
  for (const char* folder : {"/proc", "/sys", "/tmp", "/run", "/var/tmp", "/dev/shm", "/out"}) {
    TRY(archive.add_folder(folder));
  }
  for (const auto& [inside, source] : sources) TRY(write_source(archive, inside, source));
  TRY(archive.finish());
  return archive.hash();
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
  (void)TRY(program_at(name, request));
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

Result<ImageContent> content_of_image(const ImageRequest& request, FileHashes& hashes) {
  return content_of(TRY(collect(request)), hashes);
}

Result<Image> make_image(const ImageRequest& request, FileHashes& hashes) {
  const Collected collected = TRY(collect(request));
  Image image;
  image.content = TRY(content_of(collected, hashes));
  const std::string stem = request.cache + "/" + name_of(image.content);
  image.path = stem + ".cpio";
  const Fd lock = TRY(lock_file(request.cache + "/lock"));
  image.hash = read_file(stem + ".sha256").value_or("");
  if (::access(image.path.c_str(), R_OK) == 0 && !image.hash.empty()) {
    touch(image.path);
    return image;
  }
  if (request.progress) {
    request.progress("building the machine's image: " + std::to_string(image.content.files.size()) +
                     " files");
  }
  const Fd file = TRY(nameless_file(request.cache));
  image.hash = TRY(write_archive(collected.first, file));
  TRY(give_name(file, image.path));
  // The hash is durable after the image: an image without one is made again.
  TRY(write_file_durably(stem + ".sha256", image.hash));
  prune_cache(request.cache, {".cpio", ".sha256"}, kImagesKept);
  return image;
}

}  // namespace squall
