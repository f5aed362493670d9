// The deterministic machine: QEMU without KVM, one virtual processor, a clock that counts
// instructions (`-icount`), no device that the host could be felt through.  Its memory is a file of
// ours, so that the mailbox is reached without a device, and a snapshot is a copy.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arena/sealed/mailbox.h"
#include "arena/sealed/qmp.h"
#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace squall {

struct MachineConfig {
  std::vector<std::string> qemu{"qemu-system-x86_64"};  // program, and what stands before options
  std::string firmware;                                 // "": QEMU's own folder
  std::string turns;                                    // the library qemu_turns/turns.cc
  std::string modules;                                  // "": QEMU's own folder
  std::string kernel;                                   // the file vmlinuz
  std::string image;                                    // the initial RAM file system
  std::vector<std::string> command;                     // the first program, in the image
  std::string cpu = "qemu64";  // a model without RDRAND, RDSEED and an invariant host clock
  int shift = 0;               // an instruction takes 2^shift ns of virtual time
  unsigned memory_mib = 2048;  // more than the mailbox's end
};

// Options and kernel command line, without descriptors: what identical machines have in common.
[[nodiscard]] std::string machine_facts(const MachineConfig& config);

// A machine that stands still, on disk.
struct SnapshotFiles {
  std::string memory;  // sparse
  std::string state;   // of the devices
};

// How it stopped by itself.
enum class MachineStop {
  kStill,  // at the port: the mailbox's stage says where.  A kernel that panics stops there too
  kEnded,  // QEMU has ended
};

// One thread.  It dies with the thread that started it, and with this object.
class Machine {
 public:
  // Both stand still until run().
  [[nodiscard]] static Result<Machine> boot(const MachineConfig& config);
  [[nodiscard]] static Result<Machine> resume(const MachineConfig& config,
                                              const SnapshotFiles& snapshot);
  Machine(Machine&&) noexcept;
  Machine& operator=(Machine&&) = delete;
  ~Machine();

  [[nodiscard]] Mailbox mailbox();
  // Lets it run until it stops by itself.  `tick` is called some 20 times a real second; false ends
  // the machine with kAborted.
  [[nodiscard]] Result<MachineStop> run(const std::function<bool()>& tick);
  // While it stands still; it may run on afterwards.  Both files are empty before.
  [[nodiscard]] Result<> save(const Fd& memory, const Fd& state);
  // What QEMU has used; zero when it has ended.
  [[nodiscard]] Duration processor_time() const;
  // What the kernel and the first program wrote, and QEMU's own complaints.
  [[nodiscard]] std::string console() const;
  // Of these, or "it said nothing".
  [[nodiscard]] std::string last_line() const;

 private:
  struct Parts;
  explicit Machine(std::unique_ptr<Parts> parts);
  [[nodiscard]] static Result<Machine> start(const MachineConfig& config, bool is_incoming,
                                             const std::optional<SnapshotFiles>& snapshot);
  std::unique_ptr<Parts> parts_;
};

}  // namespace squall
