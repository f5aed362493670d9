// The table of datatypes.
#include "reference/server/datatype.h"

#include <array>

#include "base/nearest.h"

namespace squall::reference::server {
namespace {

constexpr std::array kDatatypes = {
    Datatype{"BOOL", DatatypeKind::kBoolean, 1},
    Datatype{"UINT8", DatatypeKind::kUnsigned, 1},
    Datatype{"UINT16", DatatypeKind::kUnsigned, 2},
    Datatype{"UINT32", DatatypeKind::kUnsigned, 4},
    Datatype{"UINT64", DatatypeKind::kUnsigned, 8},
    Datatype{"INT8", DatatypeKind::kSigned, 1},
    Datatype{"INT16", DatatypeKind::kSigned, 2},
    Datatype{"INT32", DatatypeKind::kSigned, 4},
    Datatype{"INT64", DatatypeKind::kSigned, 8},
    Datatype{"FP16", DatatypeKind::kReal, 2, false},
    Datatype{"FP32", DatatypeKind::kReal, 4},
    Datatype{"FP64", DatatypeKind::kReal, 8},
    Datatype{"BF16", DatatypeKind::kReal, 2, false},
    Datatype{"BYTES", DatatypeKind::kBytes, 0},
};

constexpr unsigned kBitsPerByte = 8;

}  // namespace

Result<Datatype> find_datatype(std::string_view name) {
  std::vector<std::string> names;
  for (const Datatype& datatype : kDatatypes) {
    if (datatype.name == name) return datatype;
    names.emplace_back(datatype.name);
  }
  return Error{Errc::kInvalid,
               "unknown datatype '" + std::string(name) + "'" + suggestion(name, names)};
}

bool is_in_range(const Datatype& datatype, std::int64_t number) {
  if (datatype.kind == DatatypeKind::kUnsigned) {
    return number >= 0 && is_in_range(datatype, static_cast<std::uint64_t>(number));
  }
  if (datatype.bytes == sizeof number) return true;
  const std::int64_t limit = std::int64_t{1} << (datatype.bytes * kBitsPerByte - 1);
  return number >= -limit && number < limit;
}

bool is_in_range(const Datatype& datatype, std::uint64_t number) {
  const bool is_signed = datatype.kind == DatatypeKind::kSigned;
  const std::size_t bits = datatype.bytes * kBitsPerByte - (is_signed ? 1 : 0);
  return bits >= 64 || number < (std::uint64_t{1} << bits);
}

Result<std::size_t> element_count(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0) return Error{Errc::kInvalid, "a size of " + std::to_string(size)};
    if (size > kMaxElements || count * size > kMaxElements) {
      return Error{Errc::kInvalid,
                   "more than kMaxElements = " + std::to_string(kMaxElements) + " elements"};
    }
    count *= size;
  }
  return static_cast<std::size_t>(count);
}

}  // namespace squall::reference::server
