// OpenCV is seen here only.  Its errors are exceptions; ours are Results.
#include "reference/engine/network.h"

#include <cstring>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <utility>

namespace squall::reference {
namespace {

// A network that sees another batch size allocates anew, which costs more than computing (25 µs
// against 11 µs for 8 rows).  So there is one for each small size.
constexpr std::size_t kPreparedSizes = 8;

// OpenCV prints its errors besides throwing them; a log of JSON lines has no use for that.
int print_nothing(int /*status*/, const char* /*function*/, const char* /*text*/,
                  const char* /*file*/, int /*line*/, void* /*data*/) {
  return 0;
}

}  // namespace

struct Network::State {
  [[nodiscard]] cv::dnn::Net& of_size(std::uint32_t rows) {
    return networks[rows <= kPreparedSizes ? rows - 1 : kPreparedSizes];
  }

  ModelSignature signature;
  std::vector<cv::dnn::Net> networks;  // for 1, 2, … rows; the last for all others
};

Network::Network(std::unique_ptr<State> state) : state_(std::move(state)) {}
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;

Result<Network> Network::load(std::string_view onnx) {
  cv::redirectError(print_nothing);
  cv::setNumThreads(1);
  ModelSignature signature = TRY(read_signature(onnx));
  (void)TRY(check_signature(signature));
  auto state = std::make_unique<State>();
  state->signature = std::move(signature);
  try {
    for (std::size_t at = 0; at <= kPreparedSizes; ++at) {
      state->networks.push_back(cv::dnn::readNetFromONNX(onnx.data(), onnx.size()));
    }
  } catch (const cv::Exception& error) {
    return Error{Errc::kInvalid, "not a model that can be run: " + error.err};
  }
  Network network(std::move(state));
  // Allocates now, and refuses now what parses but does not compute.
  const auto columns = static_cast<std::uint32_t>(network.state_->signature.inputs[0].shape[1]);
  for (std::uint32_t rows = 1; rows <= kPreparedSizes; ++rows) {
    Matrix zeros{.rows = rows, .columns = columns};
    zeros.values.resize(std::size_t{rows} * columns);
    (void)TRY(network.infer(zeros).in("first inference"));
  }
  return network;
}

Result<Matrix> Network::infer(const Matrix& batch) {
  const std::int64_t wanted = state_->signature.inputs[0].shape[1];
  if (batch.rows == 0) return Error{Errc::kInvalid, "an empty batch"};
  if (batch.columns != wanted) {
    return Error{Errc::kInvalid, "rows of " + std::to_string(batch.columns) +
                                     " values; the model takes " + std::to_string(wanted)};
  }
  try {
    cv::dnn::Net& network = state_->of_size(batch.rows);
    // The network only reads its input.
    const cv::Mat input(static_cast<int>(batch.rows), static_cast<int>(batch.columns), CV_32F,
                        const_cast<float*>(batch.values.data()));
    network.setInput(input);
    const cv::Mat output = network.forward();
    if (output.dims != 2 || output.rows != input.rows || output.type() != CV_32F) {
      return Error{Errc::kInvalid, "the model gave another shape than it says"};
    }
    Matrix result{.rows = batch.rows, .columns = static_cast<std::uint32_t>(output.cols)};
    result.values.assign(output.ptr<float>(), output.ptr<float>() + output.total());
    return result;
  } catch (const cv::Exception& error) {
    return Error{Errc::kInvalid, "the model does not compute: " + error.err};
  }
}

}  // namespace squall::reference
