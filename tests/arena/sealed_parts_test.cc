// The pure parts of the sealed arena: ELF files, archives, the mailbox, requests.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <filesystem>
#include <vector>

#include "arena/sealed/cpio.h"
#include "arena/sealed/elf.h"
#include "arena/sealed/kernel_package.h"
#include "arena/sealed/libraries.h"
#include "arena/sealed/mailbox.h"
#include "arena/sealed/mapped_file.h"
#include "arena/sealed/sealed_request.h"
#include "base/files.h"
#include "tests/support/file_tree.h"

namespace squall {
namespace {

std::string self() {
  return std::filesystem::canonical("/proc/self/exe").string();
}

TEST(Elf, ReadsWhatTheLoaderReads) {
  const Result<MappedFile> file = MappedFile::open(self());
  ASSERT_TRUE(file.ok());
  const Result<ElfFacts> facts = read_elf(file->bytes());
  ASSERT_TRUE(facts.ok()) << facts.error().what;
  EXPECT_EQ(facts->interpreter, "/lib64/ld-linux-x86-64.so.2");
  EXPECT_NE(std::find(facts->needed.begin(), facts->needed.end(), "libc.so.6"),
            facts->needed.end());
  EXPECT_LE(facts->loaded_end, file->bytes().size());
}

TEST(Elf, EveryCutOffFileIsAnErrorOrAnAnswer) {
  const Result<MappedFile> file = MappedFile::open("/lib/x86_64-linux-gnu/libc.so.6");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(read_elf("#!/bin/sh\n").error().what, "not an ELF file");
  for (std::size_t size = 0; size < 4096; ++size) (void)read_elf(file->bytes().substr(0, size));
  for (std::size_t at = 0; at < 1024; ++at) {
    std::string bytes(file->bytes().substr(0, 65'536));
    bytes[at] = static_cast<char>(bytes[at] ^ 0xff);
    (void)read_elf(bytes);
  }
}

// A program without its sections still runs, and says the same.
TEST(Elf, TheLoadablePartRuns) {
  const Result<MappedFile> file = MappedFile::open("/bin/true");
  ASSERT_TRUE(file.ok());
  const Result<ElfFacts> facts = read_elf(file->bytes());
  ASSERT_TRUE(facts.ok());
  const std::string part = loadable_part(file->bytes(), *facts);
  EXPECT_LE(part.size(), file->bytes().size());
  EXPECT_EQ(read_elf(part)->needed, facts->needed);
}

TEST(Libraries, AreFoundAsTheLoaderFindsThem) {
  const Result<LibraryFiles> libraries = libraries_of({self()});
  ASSERT_TRUE(libraries.ok()) << libraries.error().what;
  EXPECT_TRUE(libraries->contains("libc.so.6"));
  EXPECT_TRUE(libraries->contains("libstdc++.so.6"));
  EXPECT_TRUE(libraries->contains("/lib64/ld-linux-x86-64.so.2"));
}

TEST(Libraries, OfNoProgramAreAnErrorThatNamesIt) {
  const Result<LibraryFiles> libraries = libraries_of({"/nowhere/program"});
  ASSERT_FALSE(libraries.ok());
  EXPECT_EQ(libraries.error().what, "/nowhere/program: No such file or directory");
}

TEST(Cpio, IsWhatTheFormatSays) {
  const Fd file(::memfd_create("archive", MFD_CLOEXEC));
  CpioWriter archive(file);
  ASSERT_TRUE(archive.add_file("/a/b", "hello", 0755).ok());
  ASSERT_TRUE(archive.add_file("/a/c", "", 0644).ok());
  ASSERT_TRUE(archive.finish().ok());
  const std::string bytes = read_file("/proc/self/fd/" + std::to_string(file.get())).value_or("");
  EXPECT_EQ(bytes.substr(0, 14), "07070100000001");
  EXPECT_EQ(bytes.size() % 4, 0U);
  EXPECT_NE(bytes.find(std::string("a/b\0hello", 9).substr(0, 3)), std::string::npos);
  EXPECT_EQ(bytes.find("TRAILER!!!") != std::string::npos, true);
  std::size_t folders = 0;
  for (std::size_t at = bytes.find("000041ed"); at != std::string::npos;
       at = bytes.find("000041ed", at + 1)) {
    ++folders;
  }
  EXPECT_EQ(folders, 1U) << "the folder /a is added once";
}

class MailboxTest : public testing::Test {
 protected:
  std::vector<std::byte> bytes_ = std::vector<std::byte>(kMailboxSize);
  Mailbox host_{bytes_};
  Mailbox machine_{bytes_};
};

TEST_F(MailboxTest, CarriesRequestsInAndResultsOut) {
  ASSERT_TRUE(host_.put_request("what to do").ok());
  EXPECT_EQ(machine_.request().value_or(""), "what to do");
  machine_.put_result(Stage::kDone, "what came out");
  EXPECT_EQ(host_.stage(), Stage::kDone);
  EXPECT_EQ(host_.result().value_or(""), "what came out");
}

TEST_F(MailboxTest, ProgressIsReadOnceAndARingThatWrappedLosesTheOldest) {
  std::uint64_t told = 0;
  machine_.tell("one\n");
  EXPECT_EQ(host_.progress_since(told), "one\n");
  EXPECT_EQ(host_.progress_since(told), "");
  const std::string much(3 << 20U, 'x');
  machine_.tell(much);
  machine_.tell("end");
  const std::string text = host_.progress_since(told);
  EXPECT_EQ(text.size(), std::size_t{1} << 20U);
  EXPECT_TRUE(text.ends_with("end"));
}

TEST_F(MailboxTest, ARequestOverTheLimitIsRefused) {
  EXPECT_EQ(host_.put_request(std::string(kMaxRequest + 1, 'x')).error().what,
            "the scenario is over the machine's limit of 15 MiB");
}

TEST(SealedRequest, ComesBackAsItWent) {
  const GoRequest go{.scenario = "a: 1\n", .source = "b", .facts = {{"k", "v"}}, .perturb = 7};
  const Result<GoRequest> back = parse_go_request(to_json(go));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(to_json(*back), to_json(go));
  EXPECT_FALSE(parse_go_request("{}").ok());
  EXPECT_FALSE(parse_stack_request("nonsense").ok());
}

// A package as dpkg-deb unpacks it, with modules that need each other.
class KernelPackageTest : public FileTree {
 protected:
  void SetUp() override {
    FileTree::SetUp();
    for (const std::string release : {"6.1.0-9-cloud-amd64", "6.1.0-56-cloud-amd64"}) {
      const std::string modules = "/lib/modules/" + release;
      put("/boot/vmlinuz-" + release, "");
      put(modules + "/kernel/net/b-a.ko", std::string("\0depends=c,d\0", 13));
      put(modules + "/kernel/c.ko", std::string("\0depends=\0", 10));
      put(modules + "/modules.builtin", "kernel/net/d.ko\n");
    }
  }
};

TEST_F(KernelPackageTest, TheNewestIsTaken) {
  const Result<KernelPackage> kernel = find_kernel({"/nowhere", root_});
  ASSERT_TRUE(kernel.ok()) << kernel.error().what;
  EXPECT_EQ(kernel->release, "6.1.0-56-cloud-amd64");
}

TEST_F(KernelPackageTest, ModulesComeAfterWhatTheyNeed) {
  const Result<KernelPackage> kernel = find_kernel({root_});
  const Result<std::vector<std::string>> files = modules_in_order(*kernel, {"b_a", "d"});
  ASSERT_TRUE(files.ok()) << files.error().what;
  ASSERT_EQ(files->size(), 2U);
  EXPECT_TRUE(files->at(0).ends_with("/c.ko"));
  EXPECT_TRUE(files->at(1).ends_with("/b-a.ko"));
  EXPECT_EQ(modules_in_order(*kernel, {"none"}).error().what,
            "the kernel package has no module none");
}

}  // namespace
}  // namespace squall
