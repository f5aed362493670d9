// Protocol Buffers' wire format, written and read by hand: ONNX needs a dozen fields of it, and so
// no generated code and no library.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace squall::reference {

// Appends fields to `bytes()`, in the order of the calls.
class ProtobufWriter {
 public:
  void number(std::uint32_t field, std::uint64_t value);
  void bytes(std::uint32_t field, std::string_view value);
  void message(std::uint32_t field, const ProtobufWriter& value) { bytes(field, value.bytes()); }
  void real(std::uint32_t field, float value);
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value);
  std::string bytes_;
};

// One field of a message; a view into it.
struct ProtobufField {
  std::uint32_t field = 0;
  std::uint64_t number = 0;  // varint
  std::string_view bytes{};  // length-delimited
  bool is_bytes = false;
};

// Reads a message field by field; fixed-size fields are skipped.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}
  // Nothing at the end; an error where the bytes are no message.
  [[nodiscard]] Result<std::optional<ProtobufField>> next();

 private:
  [[nodiscard]] Result<std::uint64_t> varint();
  [[nodiscard]] Result<std::string_view> take(std::uint64_t count);
  std::string_view rest_;
};

}  // namespace squall::reference
