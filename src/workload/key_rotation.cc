// Which key comes next.
#include "workload/key_rotation.h"

#include <algorithm>

#include "base/check.h"

namespace squall {

KeyRotation::KeyRotation(const Shape& shape, std::int64_t offset)
    : keys_(shape.keys),
      share_(std::max<std::int64_t>(1, shape.operations_per_key / shape.processes)),
      offset_(offset) {
  CHECK(shape.keys > 0);
  CHECK(shape.processes > 0);
  CHECK(offset >= 0);
}

std::int64_t KeyRotation::next() {
  const std::int64_t round = count_ / (share_ * keys_);
  const std::int64_t key = round * keys_ + (count_ + offset_) % keys_;
  ++count_;
  return key;
}

}  // namespace squall
