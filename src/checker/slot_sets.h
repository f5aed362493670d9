// Rows of bits, one bit per slot of an operation under way: "the pending reads of state 3".
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace squall {

class SlotSets {
 public:
  SlotSets(std::size_t sets, std::size_t words) : words_(words), bits_(sets * words, 0) {}
  void set(std::size_t set, std::uint32_t slot, bool is_in) {
    const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
    std::uint64_t& word = bits_[set * words_ + slot / 64];
    word = is_in ? word | bit : word & ~bit;
  }
  void flip(std::size_t set, std::uint32_t slot) {
    bits_[set * words_ + slot / 64] ^= std::uint64_t{1} << (slot % 64);
  }
  void clear(std::size_t set) {
    for (std::size_t i = 0; i < words_; ++i) bits_[set * words_ + i] = 0;
  }
  [[nodiscard]] const std::uint64_t* of(std::size_t set) const { return &bits_[set * words_]; }

  // Does the set have a slot that is not in `bits`?
  [[nodiscard]] bool has_more(std::size_t set, const std::uint64_t* bits) const {
    std::uint64_t more = 0;
    for (std::size_t i = 0; i < words_; ++i) more |= of(set)[i] & ~bits[i];
    return more != 0;
  }

 private:
  std::size_t words_;
  std::vector<std::uint64_t> bits_;
};

}  // namespace squall
