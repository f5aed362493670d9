// The protocol between a model server and its engine, over a Unix stream socket.
//
//   frame    u32 length of what follows │ u8 type │ u32 id │ body        all little-endian
//
//   request                              answer, with the request's id
//   Ping     -                           Pong      -
//   Load     u32 slot │ ONNX bytes       Loaded    -
//   Unload   u32 slot                    Unloaded  -
//   Infer    u32 slot │ matrix           Inferred  u64 ns of computing │ matrix
//                                        Failed    u8 error code │ text
//   matrix   u32 rows │ u32 columns │ rows × columns FP32
//
// The server names the slots.  Slots belong to the connection and go with it.  Answers come in the
// order of the requests: one after the other is computed, so a Pong is a sign of progress.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace squall::reference {

enum class FrameType : std::uint8_t {
  kPing = 1,
  kPong,
  kLoad,
  kLoaded,
  kUnload,
  kUnloaded,
  kInfer,
  kInferred,
  kFailed,
};

struct Frame {
  FrameType type = FrameType::kPing;
  std::uint32_t id = 0;
  std::string body{};
};

// A model of 64 MiB and its slot fit.
inline constexpr std::size_t kMaxFrame = (std::size_t{64} << 20U) + 64;

struct Matrix {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  std::vector<float> values{};  // row by row, rows × columns
};

void append_frame(std::string& out, const Frame& frame);

// Cuts a byte stream into frames.
class FrameReader {
 public:
  void add(std::string_view bytes) { bytes_.append(bytes); }
  // Nothing: more bytes are needed.  An error: the other side does not speak this protocol.
  [[nodiscard]] Result<std::optional<Frame>> next();

 private:
  std::string bytes_{};
  std::size_t start_ = 0;  // of the first frame that was not handed out
};

struct LoadBody {
  std::uint32_t slot = 0;
  std::string_view onnx{};
};
struct InferBody {
  std::uint32_t slot = 0;
  Matrix matrix{};
};
struct InferredBody {
  Duration computing{};
  Matrix matrix{};
};

[[nodiscard]] std::string write_load(const LoadBody& load);
[[nodiscard]] std::string write_slot(std::uint32_t slot);
[[nodiscard]] std::string write_infer(std::uint32_t slot, const Matrix& matrix);
[[nodiscard]] std::string write_inferred(const InferredBody& inferred);
[[nodiscard]] std::string write_failed(const Error& error);

// kInvalid where the body is cut short or its matrix has another size than it says.
[[nodiscard]] Result<LoadBody> read_load(std::string_view body);
[[nodiscard]] Result<std::uint32_t> read_slot(std::string_view body);
[[nodiscard]] Result<InferBody> read_infer(std::string_view body);
[[nodiscard]] Result<InferredBody> read_inferred(std::string_view body);
// The error that the body tells of; kInvalid where it is cut short.
[[nodiscard]] Error read_failed(std::string_view body);

}  // namespace squall::reference
