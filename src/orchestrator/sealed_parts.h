// The files of a sealed machine as this host has them.
#pragma once

#include <string>
#include <vector>

#include "arena/sealed/file_hashes.h"
#include "arena/sealed/image.h"
#include "arena/sealed/machine.h"
#include "arena/sealed/qemu.h"
#include "orchestrator/run.h"
#include "orchestrator/sealed_record.h"

namespace squall {

// A machine, ready to be started, and what the run file will say about it.
struct SealedParts {
  MachineConfig machine;
  SealedRecord record;
  Qemu qemu;  // where it is this host's: what it is made of
};

// A folder of the cache (arena/sealed/cache.h): "images", "snapshots".  Made if it is not there.
[[nodiscard]] Result<std::string> sealed_cache(const std::string& name);
// What was hashed before, kept in the cache.
[[nodiscard]] Result<FileHashes> sealed_hashes();
// For the setup's scenario and stacks; says what it does unless the setup is quiet.
[[nodiscard]] Result<ImageRequest> image_request(const RunSetup& setup,
                                                 const KernelPackage& kernel);

// Each puts one part and its hashes in.
[[nodiscard]] Result<> use_kernel_and_image(const KernelPackage& kernel,
                                            const ImageRequest& request, FileHashes& hashes,
                                            SealedParts& parts);
[[nodiscard]] Result<> use_qemu(Qemu qemu, FileHashes& hashes, SealedParts& parts);
// The machine's own numbers, from the record.
void use_options(SealedParts& parts);

}  // namespace squall
