// The recipe, the ONNX file, and versions in a repository folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "reference/models/ranker.h"
#include "reference/models/repository_layout.h"
#include "reference/models/signature.h"
#include "reference/server/repository_scan.h"
#include "tests/reference/model_world.h"

namespace squall::reference {
namespace {

using server::RepositoryScan;
using server::scan_repository;
using testing::ElementsAre;

TEST(Ranker, IsMadeFromItsSeedAndVersionOnly) {
  const std::string bytes = to_onnx(make_ranker(1, 1), 1);
  EXPECT_EQ(bytes, to_onnx(make_ranker(1, 1), 1));
  EXPECT_NE(make_ranker(1, 1)[0].weights, make_ranker(1, 2)[0].weights);
  EXPECT_NE(make_ranker(1, 1)[0].weights, make_ranker(2, 1)[0].weights);
}

TEST(Ranker, LeadsTheNonceThroughAndKeepsItFromTheScores) {
  const auto one = scores_of(1, 1);
  const auto other = scores_of(1, 16'777'215);
  EXPECT_EQ(one[0], 1.0);
  EXPECT_EQ(other[0], 16'777'215.0);
  for (std::size_t column = 1; column < one.size(); ++column) {
    EXPECT_EQ(one[column], other[column]);
    EXPECT_NE(one[column], 0.0);
  }
}

TEST(Signature, IsReadFromTheFile) {
  const ModelSignature signature = read_signature(to_onnx(make_ranker(1, 1), 1)).value();
  ASSERT_EQ(signature.inputs.size(), 1U);
  EXPECT_EQ(signature.inputs[0].name, "features");
  EXPECT_EQ(signature.inputs[0].datatype, "FP32");
  EXPECT_THAT(signature.inputs[0].shape, ElementsAre(-1, 17));
  ASSERT_EQ(signature.outputs.size(), 1U);
  EXPECT_THAT(signature.outputs[0].shape, ElementsAre(-1, 5));
  EXPECT_TRUE(check_signature(signature).ok());
}

TEST(Signature, OfCutBytesIsAnErrorOrNothing) {
  const std::string whole = to_onnx(make_ranker(1, 1), 1);
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    const auto signature = read_signature(std::string_view(whole).substr(0, size));
    EXPECT_FALSE(signature.ok() && check_signature(*signature).ok()) << size;
  }
}

TEST(Repository, AVersionIsReadWithItsDigest) {
  const TestFolder folder;
  publish((folder / "r"), 3);
  const std::string place = (folder / "r/ranker/3");
  EXPECT_EQ(read_version(place).value(), to_onnx(make_ranker(1, 3), 3));
  EXPECT_THAT(read_file(place + "/model.sha256").value(),
              testing::MatchesRegex("[0-9a-f]+  model.onnx\n"));
}

TEST(Repository, AVersionThatIsHalfThereIsNotRead) {
  const TestFolder folder;
  publish((folder / "r"), 3);
  const std::string place = (folder / "r/ranker/3");
  std::filesystem::rename(place + "/model.sha256", place + "/kept");
  EXPECT_EQ(read_version(place).error().code, Errc::kNotFound);
  std::filesystem::rename(place + "/kept", place + "/model.sha256");
  const std::string whole = read_file(place + "/model.onnx").value();
  ASSERT_TRUE(write_file(place + "/model.onnx", whole.substr(0, whole.size() / 2)).ok());
  const auto half = read_version(place);
  ASSERT_FALSE(half.ok());
  EXPECT_EQ(half.error().code, Errc::kInvalid);
  EXPECT_THAT(half.error().what, testing::HasSubstr("its SHA-256 is "));
}

TEST(Repository, AScanSeesVersionsOnlyAndNoticesThatOneWasReplaced) {
  const TestFolder folder;
  publish((folder / "r"), 1);
  for (const char* const name : {"r/ranker/.2", "r/ranker/02", "r/ranker/x", "r/.hidden"}) {
    std::filesystem::create_directories(folder / name);
  }
  const RepositoryScan before = scan_repository(folder / "r").value();
  ASSERT_EQ(before.size(), 1U);
  ASSERT_EQ(before.at("ranker").size(), 1U);
  EXPECT_EQ(scan_repository(folder / "r").value(), before);
  publish((folder / "r"), 1, 9);
  EXPECT_NE(scan_repository(folder / "r").value(), before);
  EXPECT_EQ(scan_repository(folder / "none").error().what,
            "list " + (folder / "none") + ": No such file or directory");
}

TEST(Repository, VersionsArePositiveNumbers) {
  EXPECT_EQ(parse_version("12"), 12);
  for (const char* const text : {"", "0", "-1", "01", "1x", "99999999999999999999"}) {
    EXPECT_FALSE(parse_version(text)) << text;
  }
}

}  // namespace
}  // namespace squall::reference
