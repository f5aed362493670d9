// The recipe of the reference stack's model: a small ranker whose first column comes out as it went
// in.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace squall::reference {

// One fully connected layer: outputs = weights · inputs + bias, weights by rows of outputs.
struct DenseLayer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::vector<float> weights{};
  std::vector<float> bias{};
};

inline constexpr std::string_view kRankerInput = "features";
inline constexpr std::string_view kRankerOutput = "scores";
inline constexpr std::array<std::size_t, 4> kRankerWidths = {17, 64, 32, 5};

// 17 → 64 → 32 → 5, a Relu behind the first two.
//
//   column 0   a nonce, an integer in [0, 2^24): one weight of 1 leads it through each layer, so it
//              comes out exactly, and an answer that belongs to another request shows
//   the rest   uniform weights in ±sqrt(6 / inputs); all that touch the nonce are 0, so that the
//              scores do not depend on it
//
// Drawn from the seed and the version only: the same recipe makes the same bytes everywhere.
[[nodiscard]] std::vector<DenseLayer> make_ranker(std::uint64_t seed, std::int64_t version);

// The model as an ONNX file: IR version 7, opset 13, Gemm and Relu.  [batch, 17] → [batch, 5].
[[nodiscard]] std::string to_onnx(const std::vector<DenseLayer>& layers, std::int64_t version);

// The same network computed in plain C++ with doubles: what the engine's answers are compared with.
[[nodiscard]] std::vector<double> evaluate(const std::vector<DenseLayer>& layers,
                                           const std::vector<double>& features);

}  // namespace squall::reference
