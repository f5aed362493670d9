// memfd_create(2), /proc/PID/fd, and the dynamic loader as a program (ld.so(8)).
#include "arena/sealed/embedded_parts.h"

#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "arena/sealed/libraries.h"

namespace squall {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLoader = "library/ld-linux-x86-64.so.2";
constexpr std::string_view kLibrary = "library/";

}  // namespace

std::string embedded_qemu_file(const std::string& name) {
  return "qemu/" + name;
}

Result<std::vector<FileToEmbed>> machine_to_embed(const MachineConfig& machine, const Qemu& qemu) {
  std::map<std::string, std::string> files = {{kEmbeddedKernel, machine.kernel},
                                              {kEmbeddedImage, machine.image}};
  std::vector<std::string> native;
  for (const auto& [name, path] : qemu.files) {
    files[embedded_qemu_file(name)] = path;
    if (!is_firmware(name)) native.push_back(path);
  }
  for (const auto& [name, path] : TRY(libraries_of(native))) {
    files[std::string(kLibrary) + fs::path(name).filename().string()] = path;
  }
  if (!files.contains(kLoader)) {
    return Error{Errc::kUnsupported, "QEMU has another loader than " + std::string(kLoader)};
  }
  std::vector<FileToEmbed> list;
  list.reserve(files.size());
  for (const auto& [name, path] : files) list.push_back({name, path});
  return list;
}

Result<EmbeddedParts> EmbeddedParts::open(const std::string& run_file) {
  std::map<std::string, EmbeddedFile> files;
  for (EmbeddedFile& file : TRY(embedded_files(run_file))) {
    const std::string name = file.name;
    files[name] = std::move(file);
  }
  return EmbeddedParts(run_file, std::move(files));
}

EmbeddedParts::~EmbeddedParts() {
  forget_folder();
}

std::string EmbeddedParts::hash_of(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? "" : found->second.hash;
}

Result<> EmbeddedParts::take_kernel_and_image(MachineConfig& machine) {
  machine.kernel = TRY(unpack(kEmbeddedKernel));
  machine.image = TRY(unpack(kEmbeddedImage));
  return {};
}

Result<> EmbeddedParts::take_firmware(MachineConfig& machine) {
  TRY(make_folder());
  for (const std::string& name : firmware_names()) TRY(link(embedded_qemu_file(name)));
  machine.firmware = folder_;
  return {};
}

Result<> EmbeddedParts::take_qemu(MachineConfig& machine) {
  TRY(make_folder());
  for (const auto& [name, file] : files_) {
    if (name.starts_with(kLibrary)) TRY(link(name));
  }
  const std::string translator = embedded_qemu_file(kQemuTranslator);
  if (files_.contains(translator)) TRY(link(translator));
  machine.modules = folder_;
  machine.turns = TRY(unpack(embedded_qemu_file(kQemuTurns)));
  machine.qemu = {TRY(unpack(kLoader)), "--library-path", folder_,
                  TRY(unpack(embedded_qemu_file(kQemuProgram)))};
  return {};
}

void EmbeddedParts::forget_folder() {
  std::error_code ignored;  // links without a target, in a folder for temporary files
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
  folder_.clear();
}

Result<std::string> EmbeddedParts::unpack(const std::string& name) {
  const auto found = files_.find(name);
  if (found == files_.end()) {
    return Error{Errc::kInvalid, run_file_ + ": damaged: it carries no '" + name + "'"};
  }
  Fd file(::memfd_create(fs::path(name).filename().c_str(), MFD_CLOEXEC));
  if (!file.is_open()) return errno_error("make a memory file");
  TRY(unpack_embedded(run_file_, found->second, file));
  std::string path = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(file.get());
  unpacked_.push_back(std::move(file));
  return path;
}

Result<> EmbeddedParts::link(const std::string& name) {
  const std::string path = TRY(unpack(name));
  const std::string at = folder_ + "/" + fs::path(name).filename().string();
  if (::symlink(path.c_str(), at.c_str()) != 0) return errno_error("link " + at);
  return {};
}

Result<> EmbeddedParts::make_folder() {
  if (!folder_.empty()) return {};
  std::error_code failure;
  const fs::path base = fs::temp_directory_path(failure);
  if (failure) return Error{Errc::kIo, "find a temporary folder: " + failure.message()};
  std::string name = (base / "squall-machine-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return errno_error("make " + name);
  folder_ = name;
  return {};
}

}  // namespace squall
