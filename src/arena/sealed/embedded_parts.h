// The machine that a run file carries: what goes in, and how it is used without leaving anything
// behind.  Contents are unpacked into memory files of this process; a private folder holds nothing
// but links to them, for what QEMU and the dynamic loader look up by name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "arena/sealed/machine.h"
#include "arena/sealed/qemu.h"
#include "base/fd.h"
#include "base/result.h"
#include "history/embedded_files.h"

namespace squall {

// Names in a run file; files of QEMU (qemu.h) are "qemu/NAME", its libraries "library/NAME".
inline constexpr const char* kEmbeddedKernel = "kernel";
inline constexpr const char* kEmbeddedImage = "image";
[[nodiscard]] std::string embedded_qemu_file(const std::string& name);

// Kernel, image, QEMU with its shared libraries, firmware.
[[nodiscard]] Result<std::vector<FileToEmbed>> machine_to_embed(const MachineConfig& machine,
                                                                const Qemu& qemu);

class EmbeddedParts {
 public:
  // Unpacks nothing yet.  A run file that carries no machine is an empty one.
  [[nodiscard]] static Result<EmbeddedParts> open(const std::string& run_file);
  EmbeddedParts(EmbeddedParts&&) noexcept = default;
  EmbeddedParts& operator=(EmbeddedParts&&) = delete;
  ~EmbeddedParts();

  [[nodiscard]] bool is_empty() const { return files_.empty(); }
  // SHA-256, "": it carries no such file.
  [[nodiscard]] std::string hash_of(const std::string& name) const;

  // What runs inside the emulator: safe to take from a stranger.
  [[nodiscard]] Result<> take_kernel_and_image(MachineConfig& machine);
  [[nodiscard]] Result<> take_firmware(MachineConfig& machine);
  // A native program of whoever made the run file: only for a user who said so.
  [[nodiscard]] Result<> take_qemu(MachineConfig& machine);
  // Once QEMU runs, it has looked up everything.
  void forget_folder();

 private:
  EmbeddedParts(std::string run_file, std::map<std::string, EmbeddedFile> files)
      : run_file_(std::move(run_file)), files_(std::move(files)) {}
  // The content as a path that every process of this user can open while this object lives.
  [[nodiscard]] Result<std::string> unpack(const std::string& name);
  [[nodiscard]] Result<> link(const std::string& name);
  [[nodiscard]] Result<> make_folder();

  std::string run_file_;
  std::map<std::string, EmbeddedFile> files_;
  std::vector<Fd> unpacked_;
  std::string folder_;
};

}  // namespace squall
