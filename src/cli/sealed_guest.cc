// `squall sealed-guest`: the first process of a sealed machine.  Hidden: the machine's kernel
// starts it.
#include "orchestrator/sealed_guest.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/print.h"

namespace squall {

void add_sealed_guest(CLI::App& program, Chosen& chosen) {
  CLI::App* command = program.add_subcommand("sealed-guest", "The first process of a machine");
  command->group("");
  command->callback([&chosen] {
    chosen.run = [] {
      // It mounts over /proc and /dev and ends by switching the machine off.
      if (::getpid() != 1) {
        return fail(Error{Errc::kInvalid, "only for the first process of a sealed machine"});
      }
      run_sealed_guest();
    };
  });
}

}  // namespace squall
