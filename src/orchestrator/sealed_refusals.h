// What a scenario asks for and the sealed arena cannot do: known before anything is built, so that
// nobody waits for a machine to learn it.  docs/sealed.md lists the same.
#pragma once

#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace squall {

struct SealedWish {
  const Scenario& scenario;
  std::string self;                    // the program `squall`
  std::string stacks;                  // bin folders of unpacked servers
  std::vector<std::string> include{};  // what goes into the machine besides
  bool is_kept = false;
};

// Every program that the scenario's stack and clients begin with; the first words of commands.
[[nodiscard]] std::vector<std::string> programs_of(const Scenario& scenario);

// One sentence for each reason; none: the machine can be tried.  Looks at files, changes nothing.
[[nodiscard]] std::vector<std::string> sealed_refusals(const SealedWish& wish);
// All of them as one error.
[[nodiscard]] Result<> check_sealed(const SealedWish& wish);

}  // namespace squall
