// Which arena is taken where one, both or none work.
#include "orchestrator/arena_choice.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

Result<> works() {
  return {};
}

const ArenaProbes kBoth{.lab = works, .sealed = works};
const ArenaProbes kNoLab{.lab =
                             [] {
                               return Result<>(Error{Errc::kUnsupported, "no more room"});
                             },
                         .sealed = works};
const ArenaProbes kNoMachine{.lab = works, .sealed = [] {
                               return Result<>(Error{Errc::kNotFound, "there is no QEMU"});
                             }};
const ArenaProbes kNothing{.lab = kNoLab.lab, .sealed = kNoMachine.sealed};
constexpr const char* kNeither =
    "no arena works here.  The lab: user namespaces are forbidden (no more room).  The sealed "
    "arena: there is no QEMU.  Mend either; squall doctor says more";

std::string text(const Result<ArenaChoice>& choice) {
  if (!choice.ok()) return choice.error().what;
  return choice->arena + (choice->remark.empty() ? "" : ": " + choice->remark);
}

TEST(ArenaOfARun, IsTheLabWhereItCanBeBuilt) {
  EXPECT_EQ(text(choose_arena_of_run("auto", kBoth)), "lab");
  EXPECT_EQ(text(choose_arena_of_run("auto", kNoMachine)), "lab");
}

TEST(ArenaOfARun, IsSealedWhereNamespacesAreForbiddenAndSaysSo) {
  EXPECT_EQ(text(choose_arena_of_run("auto", kNoLab)),
            "sealed: user namespaces are forbidden here (no more room); running in the sealed "
            "arena instead; --arena lab insists");
}

TEST(ArenaOfARun, IsTheNamedOneWhateverWorks) {
  EXPECT_EQ(text(choose_arena_of_run("lab", kNothing)), "lab");
  EXPECT_EQ(text(choose_arena_of_run("sealed", kNothing)), "sealed");
}

TEST(ArenaOfARun, WhereNoneWorksBothReasonsAreNamed) {
  EXPECT_EQ(text(choose_arena_of_run("auto", kNothing)), kNeither);
  EXPECT_EQ(text(choose_arena_of_hunt("auto", kNothing)), kNeither);
}

TEST(ArenaOfARun, AnUnknownNameIsAnError) {
  EXPECT_EQ(text(choose_arena_of_run("fleet", kBoth)),
            "--arena 'fleet' is not known; one of: auto, lab, sealed");
}

TEST(ArenaOfAHunt, IsSealedFirstAndSaysWhich) {
  EXPECT_EQ(text(choose_arena_of_hunt("auto", kBoth)), "sealed: hunting in the sealed arena");
  EXPECT_EQ(text(choose_arena_of_hunt("auto", kNoMachine)),
            "lab: hunting in the lab, where a seed is not the same run again: there is no QEMU");
  EXPECT_EQ(text(choose_arena_of_hunt("lab", kBoth)), "lab");
}

}  // namespace
}  // namespace squall
