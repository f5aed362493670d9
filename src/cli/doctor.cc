// `squall doctor`: what this machine can do, what is missing, and what a run may have left behind.
#include <CLI/CLI.hpp>

#include "base/program_path.h"
#include "cli/commands.h"
#include "cli/host_facts.h"
#include "cli/print.h"
#include "kernel/freezer.h"
#include "kernel/probes.h"

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
  std::vector<std::string> folders = path_folders();
  folders.insert(folders.begin(), stacks_path());
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

int examine() {
  print_line("machine");
  for (const auto& [key, value] : host_facts()) print_line("        " + key + " " + value);
  print_line("the lab arena needs");
  bool is_fine = row("kernel 5.12 or newer", probe_kernel_version(), "yes");
  is_fine &= row("user namespaces", probe_user_namespaces(), "may be made without privilege");
  is_fine &= row("nftables", probe_nftables(), "owner tables and sets with timeouts");
  const bool has_tun = row("/dev/net/tun", probe_tun(), "baseline delays between regions");
  print_delays(has_tun);
  print_freezer();
  print_servers();
  if (!has_tun)
    print_line("without /dev/net/tun: squall run --no-baseline, which the run file records");
  print_line(is_fine ? "the lab arena works here"
                     : "the lab arena does not work here: see MISS above");
  return is_fine ? 0 : to_int(ExitCode::kInvalid);
}

}  // namespace

void add_doctor(CLI::App& program, Chosen& chosen) {
  CLI::App* command =
      program.add_subcommand("doctor", "Say what works on this machine and what would help");
  command->footer("Example:\n  squall doctor\nExits 3 when the lab arena cannot work here.");
  command->callback([&chosen] { chosen.run = examine; });
}

}  // namespace squall
