// One rule for both, with the order of preference turned around.
#include "orchestrator/arena_choice.h"

#include <optional>

#include "arena/sealed/sealed_host.h"
#include "kernel/probes.h"

namespace squall {
namespace {

Result<> try_lab() {
  Result<> tried = try_user_namespaces();
  if (tried.ok()) return tried;
  Error error = std::move(tried).error();
  for (const Hindrance& one : user_namespace_hindrances("")) error.what += "; " + one.what;
  return error;
}

// What was asked for by name, without any probe: the arena itself says why it cannot.
Result<std::optional<ArenaChoice>> named(const std::string& asked) {
  if (asked == "auto") return std::optional<ArenaChoice>();
  if (asked == "lab" || asked == "sealed") return std::optional(ArenaChoice{asked, ""});
  return Error{Errc::kInvalid,
               "--arena '" + asked + "' is not known; one of: " + std::string(kArenaNames)};
}

Error neither(const std::string& lab, const std::string& sealed) {
  return Error{Errc::kUnsupported,
               "no arena works here.  The lab: user namespaces are forbidden (" + lab +
                   ").  The sealed arena: " + sealed + ".  Mend either; squall doctor says more"};
}

}  // namespace

ArenaProbes arena_probes() {
  return {.lab = try_lab, .sealed = probe_sealed};
}

ArenaProbes arena_probes(const SealedWish& wish) {
  return {.lab = try_lab, .sealed = [&wish]() -> Result<> {
            TRY(probe_sealed());
            return check_sealed(wish);
          }};
}

Result<ArenaChoice> choose_arena_of_run(const std::string& asked, const ArenaProbes& probes) {
  if (const auto choice = TRY(named(asked))) return *choice;
  const Result<> lab = probes.lab();
  if (lab.ok()) return ArenaChoice{"lab", ""};
  const Result<> sealed = probes.sealed();
  if (!sealed.ok()) return neither(lab.error().what, sealed.error().what);
  return ArenaChoice{"sealed", "user namespaces are forbidden here (" + lab.error().what +
                                   "); running in the sealed arena instead; --arena lab insists"};
}

Result<ArenaChoice> choose_arena_of_hunt(const std::string& asked, const ArenaProbes& probes) {
  if (const auto choice = TRY(named(asked))) return *choice;
  const Result<> sealed = probes.sealed();
  if (sealed.ok()) return ArenaChoice{"sealed", "hunting in the sealed arena"};
  const Result<> lab = probes.lab();
  if (!lab.ok()) return neither(lab.error().what, sealed.error().what);
  return ArenaChoice{
      "lab", "hunting in the lab, where a seed is not the same run again: " + sealed.error().what};
}

}  // namespace squall
