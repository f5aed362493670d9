// Rotating keys: checking a register takes a search that grows with the operations of its key, so
// no key gets more than so many, and all processes move on together without talking to each other.
#pragma once

#include <cstdint>

namespace squall {

// Each process walks through `keys` concurrent keys in turn and takes its share of every key's
// operations; then it goes on to the next `keys`.
class KeyRotation {
 public:
  struct Shape {
    std::int64_t keys = 1;
    std::int64_t operations_per_key = 300;
    std::int64_t processes = 1;  // that share the keys
  };
  // `offset` spreads the processes over the keys.
  KeyRotation(const Shape& shape, std::int64_t offset);

  [[nodiscard]] std::int64_t next();

 private:
  std::int64_t keys_;
  std::int64_t share_;  // of one process, of one key
  std::int64_t offset_;
  std::int64_t count_ = 0;
};

}  // namespace squall
