// Each thing that the sealed arena refuses, in its own words.
#include "orchestrator/sealed_refusals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "arena/sealed/image.h"
#include "tests/support/file_tree.h"

namespace squall {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Refusals : public FileTree {
 protected:
  // What is refused of a stack with one process that runs this command.
  std::vector<std::string> of(std::vector<std::string> command) {
    process_.name = ProcessName("p");
    process_.command = std::move(command);
    scenario_.topology.processes = {process_};
    return sealed_refusals(wish_);
  }
  [[nodiscard]] std::string in_root(const std::string& path) const { return root_ + path; }

  ProcessSpec process_;
  Scenario scenario_;
  SealedWish wish_{.scenario = scenario_, .self = "/proc/self/exe", .stacks = ""};
};

TEST_F(Refusals, AProgramWithNothingBesidesIsNotRefused) {
  EXPECT_THAT(of({"/bin/true", "--data={dir}/x", "/tmp", "key=/no/such/file"}), IsEmpty());
}

TEST_F(Refusals, MissingProgramsAndScriptsAreAllNamed) {
  put("/run.sh", "#!/bin/sh\n");
  EXPECT_THAT(of({in_root("/run.sh")}),
              ElementsAre("'" + in_root("/run.sh") +
                          "' cannot run in the sealed arena: it is no ELF program, and what its "
                          "interpreter needs cannot be known; run it with --arena lab"));
  EXPECT_THAT(of({"no-such-program"}),
              ElementsAre("'no-such-program' cannot run in the sealed arena: there is no such "
                          "program here"));
}

TEST_F(Refusals, ProgramsAndFilesOfExternalClientsCount) {
  put("/client.json", "");
  constexpr std::array<ParamSpec, 1> kCommand = {{{"command", ParamType::kText, "", "", ""}}};
  std::vector<ParamProblem> problems;
  WorkloadEntry client;
  client.client = "external";
  client.name = "adds";
  client.params = must(make_params(
      kCommand, {{"command", {.text = "no-such-client " + in_root("/client.json")}}}, problems));
  scenario_.workload = {client};
  EXPECT_THAT(of({"/bin/true"}),
              ElementsAre("'no-such-client' cannot run in the sealed arena: there is no such "
                          "program here",
                          "client adds names '" + in_root("/client.json") +
                              "', a file of this machine: --include " + in_root("/client.json")));
}

TEST_F(Refusals, AShellIntoTheMachineIsRefused) {
  wish_.is_kept = true;
  EXPECT_THAT(of({"/bin/true"}),
              ElementsAre("--keep: no shell reaches into the machine, and its network is nobody "
                          "else's"));
}

TEST_F(Refusals, AFileOfThisMachineMustBeIncluded) {
  put("/etc/x.conf", "");
  const std::string file = in_root("/etc/x.conf");
  const std::string reason =
      "process p names '" + file + "', a file of this machine: --include " + file;
  EXPECT_THAT(of({"/bin/true", file}), ElementsAre(reason));
  EXPECT_THAT(of({"/bin/true", "--config=" + file}), ElementsAre(reason));
  process_.env["CONFIG"] = file;
  EXPECT_THAT(of({"/bin/true"}), ElementsAre(reason));
  wish_.include = {in_root("/etc")};
  EXPECT_THAT(of({"/bin/true", file}), IsEmpty());
}

TEST_F(Refusals, ARootFileSystemIsRefused) {
  process_.root = "/images/db";
  EXPECT_THAT(of({"/bin/true"}),
              ElementsAre("process p has a root file system of its own ('/images/db'), which is "
                          "not taken into the machine"));
}

TEST_F(Refusals, AnInterpreterNeedsItsLibrary) {
  std::filesystem::create_directory(in_root("/bin"));
  std::filesystem::create_symlink("/bin/true", in_root("/bin/python3.11"));
  std::filesystem::create_symlink("/bin/true", in_root("/bin/node_exporter"));
  EXPECT_THAT(of({in_root("/bin/python3.11")}),
              ElementsAre("'python3.11' needs a library of its own, which is not known: --include "
                          "its folder, and the program that it is to run"));
  EXPECT_THAT(of({in_root("/bin/node_exporter")}), IsEmpty());
}

TEST_F(Refusals, AllReasonsAreOneError) {
  wish_.is_kept = true;
  process_.root = "/images/db";
  (void)of({"/bin/true"});
  EXPECT_EQ(error_of(check_sealed(wish_)),
            "the sealed arena cannot run this: --keep: no shell reaches into the machine, and its "
            "network is nobody else's; process p has a root file system of its own ('/images/db'), "
            "which is not taken into the machine");
}

TEST(ImageSize, ASmallMachineHasNoRoomForALargeImage) {
  EXPECT_EQ(error_of(check_image_size(std::uint64_t{150} << 20U, 1024)), "ok");
  EXPECT_EQ(error_of(check_image_size(std::uint64_t{300} << 20U, 1024)),
            "the image of 301 MiB needs a machine of 1069 MiB: --machine-memory, which is 1024");
  EXPECT_EQ(error_of(check_image_size(std::uint64_t{900} << 20U, 2048)),
            "the image of 901 MiB needs a machine of 2258 MiB: --machine-memory, which is 2048");
}

}  // namespace
}  // namespace squall
