// Frames as bytes.
#include "reference/engine/frame.h"

#include <bit>
#include <cstring>

namespace squall::reference {
namespace {

// Matrices are copied as they lie in memory.
static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kHeadBytes = 5;                       // type and id, counted by the length
constexpr std::size_t kMaxMatrix = std::size_t{16} << 20U;  // values

template <typename Number>
void append(std::string& out, Number number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof number);
}

template <typename Number>
Result<Number> take(std::string_view& bytes) {
  Number number{};
  if (bytes.size() < sizeof number) return Error{Errc::kInvalid, "the frame is cut short"};
  std::memcpy(&number, bytes.data(), sizeof number);
  bytes.remove_prefix(sizeof number);
  return number;
}

void append_matrix(std::string& out, const Matrix& matrix) {
  append(out, matrix.rows);
  append(out, matrix.columns);
  out.append(reinterpret_cast<const char*>(matrix.values.data()),
             matrix.values.size() * sizeof(float));
}

Result<Matrix> take_matrix(std::string_view bytes) {
  Matrix matrix;
  matrix.rows = TRY(take<std::uint32_t>(bytes));
  matrix.columns = TRY(take<std::uint32_t>(bytes));
  const std::size_t count = std::size_t{matrix.rows} * matrix.columns;
  if (count > kMaxMatrix || bytes.size() != count * sizeof(float)) {
    return Error{Errc::kInvalid, "the matrix is not of the size that it says"};
  }
  matrix.values.resize(count);
  if (count > 0) std::memcpy(matrix.values.data(), bytes.data(), bytes.size());
  return matrix;
}

}  // namespace

void append_frame(std::string& out, const Frame& frame) {
  append(out, static_cast<std::uint32_t>(kHeadBytes + frame.body.size()));
  append(out, static_cast<std::uint8_t>(frame.type));
  append(out, frame.id);
  out += frame.body;
}

Result<std::optional<Frame>> FrameReader::next() {
  std::string_view rest = std::string_view(bytes_).substr(start_);
  const auto incomplete = [&] {
    bytes_.erase(0, std::exchange(start_, 0));
    return std::optional<Frame>();
  };
  if (rest.size() < kLengthBytes) return incomplete();
  const auto length = TRY(take<std::uint32_t>(rest));
  if (length < kHeadBytes || length > kMaxFrame) {
    return Error{Errc::kInvalid, "a frame of " + std::to_string(length) + " bytes"};
  }
  if (rest.size() < length) return incomplete();
  start_ += kLengthBytes + length;
  const auto type = TRY(take<std::uint8_t>(rest));
  if (type < static_cast<std::uint8_t>(FrameType::kPing) ||
      type > static_cast<std::uint8_t>(FrameType::kFailed)) {
    return Error{Errc::kInvalid, "a frame of the unknown type " + std::to_string(type)};
  }
  const auto id = TRY(take<std::uint32_t>(rest));
  return std::optional(Frame{.type = static_cast<FrameType>(type),
                             .id = id,
                             .body = std::string(rest.substr(0, length - kHeadBytes))});
}

std::string write_load(const LoadBody& load) {
  std::string body;
  append(body, load.slot);
  body.append(load.onnx);
  return body;
}

std::string write_slot(std::uint32_t slot) {
  std::string body;
  append(body, slot);
  return body;
}

std::string write_infer(std::uint32_t slot, const Matrix& matrix) {
  std::string body;
  append(body, slot);
  append_matrix(body, matrix);
  return body;
}

std::string write_inferred(const InferredBody& inferred) {
  std::string body;
  append(body, inferred.computing.count());
  append_matrix(body, inferred.matrix);
  return body;
}

std::string write_failed(const Error& error) {
  std::string body;
  append(body, static_cast<std::uint8_t>(error.code));
  return body + error.what;
}

Result<LoadBody> read_load(std::string_view body) {
  const auto slot = TRY(take<std::uint32_t>(body));
  return LoadBody{.slot = slot, .onnx = body};
}

Result<std::uint32_t> read_slot(std::string_view body) {
  return take<std::uint32_t>(body);
}

Result<InferBody> read_infer(std::string_view body) {
  const auto slot = TRY(take<std::uint32_t>(body));
  return InferBody{.slot = slot, .matrix = TRY(take_matrix(body))};
}

Result<InferredBody> read_inferred(std::string_view body) {
  const auto computing = TRY(take<std::int64_t>(body));
  return InferredBody{.computing = Duration(computing), .matrix = TRY(take_matrix(body))};
}

Error read_failed(std::string_view body) {
  const Result<std::uint8_t> code = take<std::uint8_t>(body);
  if (!code.ok() || *code > static_cast<std::uint8_t>(Errc::kDirty)) {
    return Error{Errc::kInvalid, "the engine failed and did not say why"};
  }
  return Error{static_cast<Errc>(*code), std::string(body)};
}

}  // namespace squall::reference
