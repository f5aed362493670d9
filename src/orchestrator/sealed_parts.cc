// Looks, hashes, builds.
#include "orchestrator/sealed_parts.h"

#include <cstdio>
#include <filesystem>

#include "arena/sealed/cache.h"
#include "arena/sealed/sealed_host.h"
#include "base/program_path.h"
#include "orchestrator/sealed_refusals.h"

namespace squall {

Result<std::string> sealed_cache(const std::string& name) {
  std::string folder = TRY(cache_folder()) + "/" + name;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error{Errc::kIo, folder + ": " + error.message()};
  return folder;
}

Result<FileHashes> sealed_hashes() {
  return FileHashes(TRY(sealed_cache("images")) + "/hashes");
}

Result<ImageRequest> image_request(const RunSetup& setup, const KernelPackage& kernel) {
  ImageRequest request;
  request.kernel = kernel;
  request.self = self_program();
  request.programs = programs_of(setup.scenario);
  request.stacks = setup.stacks;
  request.folder = std::filesystem::current_path().string();
  request.cache = TRY(sealed_cache("images"));
  if (!setup.is_quiet) {
    request.progress = [](const std::string& text) {
      (void)std::fprintf(stderr, "  %s\n", text.c_str());
    };
  }
  return request;
}

Result<> use_kernel_and_image(const KernelPackage& kernel, const ImageRequest& request,
                              FileHashes& hashes, SealedParts& parts) {
  const Image image = TRY(make_image(request, hashes));
  std::error_code error;
  const auto size = std::filesystem::file_size(image.path, error);
  TRY(check_image_size(error ? 0 : size, parts.record.memory_mib));
  parts.machine.kernel = kernel.kernel;
  parts.machine.image = image.path;
  parts.record.kernel_release = kernel.release;
  parts.record.programs = image.content.programs;
  parts.record.hashes.kernel = TRY(hashes.of(kernel.kernel));
  parts.record.hashes.image = image.hash;
  parts.record.hashes.files = image.content.files;
  hashes.save();
  return {};
}

Result<> use_qemu(Qemu qemu, FileHashes& hashes, SealedParts& parts) {
  for (const auto& [name, file] : qemu.files) {
    parts.record.hashes.qemu[name] = TRY(hashes.of(file));
  }
  hashes.save();
  parts.machine.qemu = {qemu.files.at(kQemuProgram)};
  parts.machine.turns = qemu.files.at(kQemuTurns);
  parts.record.qemu_version = qemu.version;
  parts.qemu = std::move(qemu);
  return {};
}

void use_options(SealedParts& parts) {
  parts.machine.command = {kImageSelf, "sealed-guest"};
  parts.machine.cpu = parts.record.cpu;
  parts.machine.shift = parts.record.shift;
  parts.machine.memory_mib = parts.record.memory_mib;
  parts.record.machine = machine_facts(parts.machine);
}

}  // namespace squall
