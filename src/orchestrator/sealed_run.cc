// Gathers the parts and says what is to happen.
#include "orchestrator/sealed_run.h"

#include <filesystem>

#include "arena/sealed/sealed_host.h"
#include "arena/sealed/sealed_request.h"
#include "orchestrator/sealed_execution.h"
#include "scenarios/schedule.h"

namespace squall {
namespace {

Result<SealedParts> gather(const RunSetup& setup, const SealedOptions& options) {
  const KernelPackage kernel = TRY(find_kernel(kernel_folders()));
  ImageRequest request = TRY(image_request(setup, kernel));
  SealedParts parts;
  for (const std::string& path : options.include) {
    request.include.push_back(std::filesystem::absolute(path).lexically_normal().string());
  }
  parts.record = {.perturb = options.perturb,
                  .cpu = options.cpu,
                  .shift = options.shift,
                  .memory_mib = options.memory_mib,
                  .has_baseline = setup.has_baseline,
                  .include = request.include};
  FileHashes hashes = TRY(sealed_hashes());
  Qemu qemu = TRY(find_qemu());
  TRY(use_qemu(std::move(qemu), hashes, parts));
  TRY(use_kernel_and_image(kernel, request, hashes, parts));
  use_options(parts);
  return parts;
}

}  // namespace

Result<> run_sealed(const RunSetup& setup, const SealedOptions& options) {
  const std::string stack = to_json(StackRequest{.topology = to_yaml(setup.scenario.topology),
                                                 .folder = std::filesystem::current_path().string(),
                                                 .has_baseline = setup.has_baseline});
  const std::string go = to_json(GoRequest{.scenario = to_yaml(setup.scenario),
                                           .source = setup.text,
                                           .facts = {},
                                           .perturb = options.perturb});
  const SealedParts parts = TRY(gather(setup, options).in("sealed"));
  TRY(execute_sealed(setup, {.parts = parts,
                             .stack = stack,
                             .go = go,
                             .is_cached = options.is_cached,
                             .is_embedding = options.is_embedding})
          .in("sealed"));
  setup.on_recorded();
  return {};
}

}  // namespace squall
