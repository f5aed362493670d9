// The engine: frames, the network against plain C++, and what it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/rng.h"
#include "reference/engine/engine.h"
#include "reference/models/ranker.h"

namespace squall::reference {
namespace {

using testing::HasSubstr;

std::string ranker(std::int64_t version = 1) {
  return to_onnx(make_ranker(1, version), version);
}

Matrix random_rows(std::uint32_t rows, Rng& rng) {
  Matrix matrix{.rows = rows, .columns = 17};
  for (std::uint32_t row = 0; row < rows; ++row) {
    matrix.values.push_back(static_cast<float>(1 + rng.below((1U << 24U) - 1)));
    for (int column = 1; column < 17; ++column) {
      matrix.values.push_back(static_cast<float>(rng.unit() * 2 - 1));
    }
  }
  return matrix;
}

TEST(Network, PassesEveryNonceThroughExactly) {
  Network network = Network::load(ranker()).value();
  Rng rng(7);
  std::vector<float> nonces = {1, 2, 16'777'214, 16'777'215};
  while (nonces.size() < 65'536) {
    nonces.push_back(static_cast<float>(1 + rng.below((1U << 24U) - 1)));
  }
  for (std::size_t first = 0; first < nonces.size(); first += 8) {
    Matrix batch = random_rows(8, rng);
    for (std::size_t row = 0; row < 8; ++row) batch.values[row * 17] = nonces[first + row];
    const Matrix scores = network.infer(batch).value();
    for (std::size_t row = 0; row < 8; ++row) {
      ASSERT_EQ(scores.values[row * 5], nonces[first + row]);
    }
  }
}

TEST(Network, ScoresDoNotDependOnTheNonceNorOnTheBatch) {
  Network network = Network::load(ranker()).value();
  Rng rng(3);
  const Matrix one = random_rows(1, rng);
  const Matrix wanted = network.infer(one).value();
  for (std::uint32_t rows = 1; rows <= 20; ++rows) {
    Matrix batch = random_rows(rows, rng);
    std::copy(one.values.begin() + 1, one.values.end(), batch.values.end() - 16);
    const Matrix scores = network.infer(batch).value();
    for (std::size_t column = 1; column < 5; ++column) {
      EXPECT_EQ(scores.values[(rows - 1) * 5 + column], wanted.values[column]) << rows;
    }
  }
}

TEST(Network, AgreesWithTheSameLayersInPlainCpp) {
  for (const std::int64_t version : {1, 2}) {
    Network network = Network::load(ranker(version)).value();
    const auto layers = make_ranker(1, version);
    Rng rng(5);
    const Matrix batch = random_rows(100, rng);
    const Matrix scores = network.infer(batch).value();
    for (std::size_t row = 0; row < batch.rows; ++row) {
      const auto first = batch.values.begin() + static_cast<std::ptrdiff_t>(row * 17);
      const auto wanted = evaluate(layers, std::vector<double>(first, first + 17));
      for (std::size_t column = 0; column < 5; ++column) {
        EXPECT_NEAR(scores.values[row * 5 + column], wanted[column],
                    1e-5 * (1 + std::abs(wanted[column])));
      }
    }
  }
}

TEST(Network, ACorruptModelIsAnErrorWhereverItIsCut) {
  const std::string whole = ranker();
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    EXPECT_FALSE(Network::load(std::string_view(whole).substr(0, size)).ok()) << size;
  }
  EXPECT_EQ(Network::load("nonsense").error().code, Errc::kInvalid);
}

TEST(Network, RowsOfAnotherWidthAreRefused) {
  Network network = Network::load(ranker()).value();
  const Matrix narrow{.rows = 1, .columns = 3, .values = {1, 2, 3}};
  EXPECT_EQ(network.infer(narrow).error().what, "rows of 3 values; the model takes 17");
  EXPECT_EQ(network.infer(Matrix{.rows = 0, .columns = 17}).error().what, "an empty batch");
}

TEST(Frames, AreCutOutOfAStreamWhereverItIsDivided) {
  std::string bytes;
  append_frame(bytes, {.type = FrameType::kPing, .id = 1});
  append_frame(bytes,
               {.type = FrameType::kLoad, .id = 2, .body = write_load({.slot = 3, .onnx = "abc"})});
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    FrameReader reader;
    std::vector<Frame> frames;
    for (const std::string& part : {bytes.substr(0, cut), bytes.substr(cut)}) {
      reader.add(part);
      for (auto next = reader.next().value(); next; next = reader.next().value()) {
        frames.push_back(*next);
      }
    }
    ASSERT_EQ(frames.size(), 2U) << cut;
    EXPECT_EQ(frames[0].type, FrameType::kPing);
    EXPECT_EQ(frames[1].id, 2U);
    EXPECT_EQ(read_load(frames[1].body).value().onnx, "abc");
  }
}

TEST(Frames, OfImpossibleSizesAndTypesEndTheConversation) {
  for (const std::string& bytes :
       {std::string("\x01\x00\x00\x00", 4), std::string("\xff\xff\xff\xff", 4),
        std::string("\x05\x00\x00\x00\x63\x00\x00\x00\x00", 9)}) {
    FrameReader reader;
    reader.add(bytes);
    EXPECT_FALSE(reader.next().ok());
  }
}

class EngineAnswers : public testing::Test {
 protected:
  Frame ask(FrameType type, std::string body = "") {
    return engine.answer({.type = type, .id = 9, .body = std::move(body)});
  }
  Engine engine{system_clock()};
};

TEST_F(EngineAnswers, LoadInferAndUnload) {
  EXPECT_EQ(ask(FrameType::kPing).type, FrameType::kPong);
  const std::string onnx = ranker();
  EXPECT_EQ(ask(FrameType::kLoad, write_load({.slot = 4, .onnx = onnx})).type, FrameType::kLoaded);
  Rng rng(1);
  const Matrix rows = random_rows(3, rng);
  const Frame inferred = ask(FrameType::kInfer, write_infer(4, rows));
  ASSERT_EQ(inferred.type, FrameType::kInferred);
  EXPECT_EQ(inferred.id, 9U);
  const InferredBody body = read_inferred(inferred.body).value();
  EXPECT_EQ(body.matrix.rows, 3U);
  EXPECT_EQ(body.matrix.columns, 5U);
  EXPECT_EQ(body.matrix.values[10], rows.values[34]);
  EXPECT_GT(body.computing, Duration(0));
  EXPECT_EQ(ask(FrameType::kUnload, write_slot(4)).type, FrameType::kUnloaded);
  const Frame gone = ask(FrameType::kInfer, write_infer(4, rows));
  ASSERT_EQ(gone.type, FrameType::kFailed);
  EXPECT_EQ(read_failed(gone.body).what, "nothing is loaded in slot 4");
}

TEST_F(EngineAnswers, NoBatchIsQuickerThanTheServiceTime) {
  constexpr Duration kLeast = std::chrono::milliseconds(3);
  Engine slow(system_clock(), kLeast);
  const Frame load{
      .type = FrameType::kLoad, .id = 1, .body = write_load({.slot = 1, .onnx = ranker()})};
  ASSERT_EQ(slow.answer(load).type, FrameType::kLoaded);
  Rng rng(1);
  const Frame inferred = slow.answer(
      {.type = FrameType::kInfer, .id = 2, .body = write_infer(1, random_rows(2, rng))});
  EXPECT_GE(read_inferred(inferred.body).value().computing, kLeast);
}

TEST_F(EngineAnswers, WhatIsWrongIsAFailureNotAnEnd) {
  const std::string cut = ranker().substr(0, 5000);
  const Frame corrupt = ask(FrameType::kLoad, write_load({.slot = 1, .onnx = cut}));
  EXPECT_EQ(corrupt.type, FrameType::kFailed);
  EXPECT_EQ(ask(FrameType::kLoad, "ab").type, FrameType::kFailed);
  EXPECT_EQ(ask(FrameType::kInfer, write_slot(1)).type, FrameType::kFailed);
  EXPECT_THAT(read_failed(ask(FrameType::kPong).body).what, HasSubstr("a request belongs"));
  EXPECT_EQ(ask(FrameType::kPing).type, FrameType::kPong);
}

TEST_F(EngineAnswers, ABadReplacementLeavesTheOldModelInItsSlot) {
  const std::string onnx = ranker();
  (void)ask(FrameType::kLoad, write_load({.slot = 1, .onnx = onnx}));
  EXPECT_EQ(ask(FrameType::kLoad, write_load({.slot = 1, .onnx = "x"})).type, FrameType::kFailed);
  Rng rng(1);
  EXPECT_EQ(ask(FrameType::kInfer, write_infer(1, random_rows(1, rng))).type, FrameType::kInferred);
}

}  // namespace
}  // namespace squall::reference
