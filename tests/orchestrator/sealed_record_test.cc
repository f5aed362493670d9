// What a run file says of its machine: read back as written, and never believed.
#include "orchestrator/sealed_record.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

SealedRecord record() {
  return {.perturb = 7,
          .cpu = "qemu64",
          .shift = 0,
          .memory_mib = 2048,
          .has_baseline = false,
          .machine = "qemu -icount",
          .kernel_release = "6.1.0-56",
          .qemu_version = "QEMU 7.2",
          .include = {"/data"},
          .programs = {{"etcd", "/stacks/etcd"}},
          .hashes = {.kernel = "aaa",
                     .image = "bbb",
                     .qemu = {{"qemu-system-x86_64", "ccc"}, {"bios-256k.bin", "ddd"}},
                     .files = {{"/stacks/etcd", "eee"}}}};
}

std::string text() {
  return to_json(record(), {.facts = R"({"busy_percent": 12})", .began_from = "boot"});
}

std::string replaced(const std::string& what, const std::string& with) {
  std::string changed = text();
  changed.replace(changed.find(what), what.size(), with);
  return changed;
}

TEST(SealedRecord, IsReadBackAsWritten) {
  const Result<SealedRecord> read = parse_sealed_record(text());
  ASSERT_TRUE(read.ok()) << read.error().what;
  EXPECT_EQ(differences(record(), *read), std::vector<std::string>());
  EXPECT_EQ(to_json(*read, {.facts = R"({"busy_percent": 12})", .began_from = "boot"}), text());
}

TEST(SealedRecord, WhatRunWouldNotTakeIsRefused) {
  EXPECT_FALSE(parse_sealed_record("").ok());
  EXPECT_FALSE(parse_sealed_record(replaced("\"image\"", "\"imago\"")).ok());
  const auto error = [](const std::string& what, const std::string& with) {
    return parse_sealed_record(replaced(what, with)).error().what;
  };
  EXPECT_EQ(error("\"qemu64\"", "\"-drive\""),
            "the CPU model of the recorded machine makes no sense");
  EXPECT_EQ(error("\"qemu64\"", "\"a b\""), "the CPU model of the recorded machine makes no sense");
  EXPECT_EQ(error("\"shift\":0", "\"shift\":7"),
            "the shift of the recorded machine makes no sense");
  EXPECT_EQ(error("2048", "99999"), "the memory of the recorded machine makes no sense");
}

TEST(SealedRecord, EachDifferenceIsNamedWithBothSides) {
  SealedRecord here = record();
  here.kernel_release = "6.1.0-57";
  here.hashes.kernel = "aab";
  here.qemu_version = "QEMU 8.0";
  here.hashes.qemu = {{"qemu-system-x86_64", "ccd"}, {"kvmvapic.bin", "fff"}};
  here.hashes.files = {{"/stacks/etcd", "eef"}};
  here.hashes.image = "bbc";
  here.machine = "qemu -icount shift=1";
  EXPECT_EQ(differences(record(), here),
            (std::vector<std::string>{
                "kernel: recorded 6.1.0-56 (aaa), here 6.1.0-57 (aab)",
                "bios-256k.bin: recorded ddd, not here", "kvmvapic.bin: not recorded, here fff",
                "qemu-system-x86_64: recorded QEMU 7.2 (ccc), here QEMU 8.0 (ccd)",
                "/stacks/etcd: recorded eee, here eef",
                "the machine's options: recorded 'qemu -icount', here 'qemu -icount shift=1'"}));
}

TEST(SealedRecord, SnapshotsAreNamedByWhatRuns) {
  SealedHashes other = record().hashes;
  other.files = {};
  EXPECT_EQ(identity_of(record().hashes), identity_of(other));
  other.image = "bbc";
  EXPECT_NE(identity_of(record().hashes), identity_of(other));
}

}  // namespace
}  // namespace squall
