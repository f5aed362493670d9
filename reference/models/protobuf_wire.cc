// Varints, lengths and tags.
#include "reference/models/protobuf_wire.h"

#include <bit>

namespace squall::reference {
namespace {

constexpr std::uint32_t kVarint = 0;
constexpr std::uint32_t kFixed64 = 1;
constexpr std::uint32_t kLengthDelimited = 2;
constexpr std::uint32_t kFixed32 = 5;

Error broken() {
  return Error{Errc::kInvalid, "not a protobuf message"};
}

}  // namespace

void ProtobufWriter::varint(std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7U) bytes_ += static_cast<char>((value & 0x7fU) | 0x80U);
  bytes_ += static_cast<char>(value);
}

void ProtobufWriter::number(std::uint32_t field, std::uint64_t value) {
  varint((field << 3U) | kVarint);
  varint(value);
}

void ProtobufWriter::bytes(std::uint32_t field, std::string_view value) {
  varint((field << 3U) | kLengthDelimited);
  varint(value.size());
  bytes_.append(value);
}

void ProtobufWriter::real(std::uint32_t field, float value) {
  varint((field << 3U) | kFixed32);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (unsigned shift = 0; shift < 32; shift += 8) bytes_ += static_cast<char>(bits >> shift);
}

Result<std::uint64_t> ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  return broken();
}

Result<std::string_view> ProtobufReader::take(std::uint64_t count) {
  if (count > rest_.size()) return broken();
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

Result<std::optional<ProtobufField>> ProtobufReader::next() {
  while (!rest_.empty()) {
    const std::uint64_t tag = TRY(varint());
    ProtobufField field{.field = static_cast<std::uint32_t>(tag >> 3U)};
    switch (tag & 7U) {
      case kVarint:
        field.number = TRY(varint());
        return std::optional(field);
      case kLengthDelimited: {
        const std::uint64_t length = TRY(varint());
        field.bytes = TRY(take(length));
        field.is_bytes = true;
        return std::optional(field);
      }
      case kFixed64:
        (void)TRY(take(8));
        break;
      case kFixed32:
        (void)TRY(take(4));
        break;
      default:
        return broken();
    }
  }
  return std::optional<ProtobufField>();
}

}  // namespace squall::reference
