// `squall doctor`: what this machine can do, what is missing, and what a run may have left behind.
#include <CLI/CLI.hpp>

#include "arena/sealed/kernel_package.h"
#include "arena/sealed/qemu.h"
#include "arena/sealed/sealed_host.h"
#include "base/program_path.h"
#include "cli/commands.h"
#include "cli/host_facts.h"
#include "cli/print.h"
#include "kernel/freezer.h"
#include "kernel/probes.h"
#include "orchestrator/arena_choice.h"

namespace squall {
namespace {

// Prints one row; whether it is good.
bool row(const std::string& what, const Result<>& probed, const std::string& good) {
  print_line((probed ? "  ok    " : "  MISS  ") + what + ": " +
             (probed ? good : probed.error().what));
  return probed.ok();
}

// Missing servers are no fault of the machine: only their stacks cannot run.
void print_servers() {
  print_line("servers of the stacks");
  std::vector<std::string> folders = path_folders(stacks_path());
  for (const std::string& folder : path_folders()) folders.push_back(folder);
  for (const char* name : {"etcd", "redis-server", "redis-sentinel"}) {
    const std::string path = find_program(name, folders);
    print_line(path.empty()
                   ? "  none  " + std::string(name) + ": run ./dev stacks, or set SQUALL_STACKS"
                   : "  ok    " + std::string(name) + ": " + path);
  }
}

void print_freezer() {
  const Result<FreezerParent> parent = find_freezer_parent();
  print_line(parent ? "  ok    cgroup freezer: " + parent->path
                    : "  none  cgroup freezer: " + parent.error().what +
                          "; process.pause uses SIGSTOP");
}

// Either will do, and the agent takes netem first.
void print_delays(bool has_tun) {
  const Result<> netem = probe_netem();
  if (netem.ok()) return print_line("  ok    network.delay: by the kernel's netem");
  print_line((has_tun ? "  ok    network.delay: by a delay line in user space, because "
                      : "  none  network.delay: /dev/net/tun is missing, and ") +
             netem.error().what);
}

bool is_lab_fine() {
  print_line("the lab arena needs");
  bool is_fine = row("kernel 5.12 or newer", probe_kernel_version(), "yes");
  is_fine &= row("user namespaces", probe_user_namespaces(), "may be made without privilege");
  is_fine &= row("nftables", probe_nftables(), "owner tables and sets with timeouts");
  const bool has_tun = row("/dev/net/tun", probe_tun(), "baseline delays between regions");
  print_delays(has_tun);
  print_freezer();
  if (!has_tun)
    print_line("without /dev/net/tun: squall run --no-baseline, which the run file records");
  return is_fine;
}

// The same of a probe that has found something.
template <typename T, typename Describe>
bool row_of(const std::string& what, const Result<T>& found, const Describe& describe) {
  return row(what, found.ok() ? Result<>() : found.error(), found.ok() ? describe(*found) : "");
}

Result<std::uint64_t> probe_memory() {
  const std::uint64_t mib = available_memory_mib();
  if (mib == 0 || mib >= kMachineResidentMib) return mib;
  return Error{Errc::kUnsupported, std::to_string(mib) +
                                       " MiB are available, and a machine takes " +
                                       std::to_string(kMachineResidentMib)};
}

bool is_sealed_fine() {
  print_line("the sealed arena needs");
  bool is_fine = row_of("QEMU and the library of its turns", find_qemu(), [](const Qemu& qemu) {
    return qemu.files.at(kQemuProgram) + ", " + qemu.version + "; " + qemu.files.at(kQemuTurns);
  });
  is_fine &=
      row_of("kernel package", find_kernel(kernel_folders()),
             [](const KernelPackage& kernel) { return kernel.release + ", " + kernel.kernel; });
  is_fine &= row_of("memory", probe_memory(), [](std::uint64_t mib) {
    return mib == 0 ? std::string("unknown") : std::to_string(mib) + " MiB are available";
  });
  is_fine &= row_of("cache", probe_cache(), [](const CacheSpace& cache) {
    return cache.folder + ", " + std::to_string(cache.free_mib) + " MiB free";
  });
  return is_fine;
}

int examine() {
  print_line("machine");
  for (const auto& [key, value] : host_facts()) print_line("        " + key + " " + value);
  const bool has_lab = is_lab_fine();
  const bool has_sealed = is_sealed_fine();
  print_servers();
  print_line(has_lab ? "the lab arena works here"
                     : "the lab arena does not work here: see MISS above");
  print_line(has_sealed ? "the sealed arena works here"
                        : "the sealed arena does not work here: see MISS above");
  const Result<ArenaChoice> choice = choose_arena_of_run("auto", arena_probes());
  print_line("squall run takes here: " + (choice.ok() ? choice->arena : "none"));
  return has_lab || has_sealed ? 0 : to_int(ExitCode::kInvalid);
}

}  // namespace

void add_doctor(CLI::App& program, Chosen& chosen) {
  CLI::App* command =
      program.add_subcommand("doctor", "Say what works on this machine and what would help");
  command->footer("Example:\n  squall doctor\nExits 3 when no arena can work here.");
  command->callback([&chosen] { chosen.run = examine; });
}

}  // namespace squall
