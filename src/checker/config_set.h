// A set of search configurations, each a fixed number of 64-bit words:
//
//   [state | used << 32] [done: one bit per slot …] [crashed operations used: 7 bits in a byte …]
//
// Two configurations with the same state and the same bits are compared by what they used: the one
// that used no more of any class dominates, and the other one is not kept.
#pragma once

#include <cstdint>
#include <vector>

#include "checker/models/register.h"

namespace squall {

struct ConfigShape {
  std::size_t mask_words = 1;
  std::size_t counter_words = 0;
  [[nodiscard]] std::size_t words() const { return 1 + mask_words + counter_words; }
};

class ConfigSet {
 public:
  static constexpr std::uint32_t kNone = 0xffff'ffffU;

  explicit ConfigSet(ConfigShape shape);

  // The new configuration's number, or kNone if one that is there already does as well.
  std::uint32_t insert(const std::uint64_t* config);
  [[nodiscard]] const std::uint64_t* at(std::uint32_t index) const {
    return &words_[index * shape_.words()];
  }
  [[nodiscard]] bool is_dominated(std::uint32_t index) const { return dominated_[index] != 0; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(next_.size()); }
  // Those that nothing dominates, word after word.
  void copy_to(std::vector<std::uint64_t>& out) const;
  void clear();
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  [[nodiscard]] std::uint64_t hash(const std::uint64_t* config) const;
  [[nodiscard]] bool is_same_group(const std::uint64_t* a, const std::uint64_t* b) const;
  [[nodiscard]] bool uses_no_more(const std::uint64_t* a, const std::uint64_t* b) const;
  [[nodiscard]] std::size_t find_cell(const std::uint64_t* config) const;
  void grow();

  ConfigShape shape_;
  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> next_;  // the next of the same group, or kNone
  std::vector<std::uint8_t> dominated_;
  std::vector<std::uint32_t> table_;     // open addressing: the group's newest, or kNone
  std::vector<std::size_t> used_cells_;  // so that clearing costs what was used
};

}  // namespace squall
