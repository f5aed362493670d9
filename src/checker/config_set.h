// A set of search configurations, each a fixed number of 64-bit words:
//
//   [state | level << 32] [used: a bit per slot …] [owed: a bit per slot …] [crashed operations
//   used: 7 bits in a byte …] [place: none, or one word]
//
// Of two configurations with the same state and place, the one with fewer bits and smaller counters
// can do whatever the other one can: it dominates, and the other one is not kept.
#pragma once

#include <cstdint>
#include <vector>

namespace squall {

struct ConfigShape {
  std::size_t mask_words = 1;
  std::size_t counter_words = 0;
  std::size_t place_words = 0;
  [[nodiscard]] std::size_t words() const { return place() + place_words; }
  [[nodiscard]] std::size_t used() const { return 1; }
  [[nodiscard]] std::size_t owed() const { return 1 + mask_words; }
  [[nodiscard]] std::size_t counters() const { return 1 + 2 * mask_words; }
  [[nodiscard]] std::size_t place() const { return counters() + counter_words; }
};

inline constexpr std::uint64_t kStateBits = 0xffff'ffffULL;
inline constexpr std::uint64_t kOneLevel = std::uint64_t{1} << 32U;

class ConfigSet {
 public:
  static constexpr std::uint32_t kNone = 0xffff'ffffU;

  explicit ConfigSet(ConfigShape shape);

  // Slots whose `used` bits must be equal for one to dominate: a hint that keeps groups small.
  void set_exact(std::vector<std::uint64_t> slots) { exact_ = std::move(slots); }
  // The new configuration's number, or kNone if one that is there already does as well.
  std::uint32_t insert(const std::uint64_t* config);
  [[nodiscard]] const std::uint64_t* at(std::uint32_t index) const {
    return &words_[index * shape_.words()];
  }
  [[nodiscard]] bool is_dominated(std::uint32_t index) const { return dominated_[index] != 0; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(next_.size()); }
  void clear();
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  [[nodiscard]] std::uint64_t hash(const std::uint64_t* config) const;
  [[nodiscard]] bool is_same_group(const std::uint64_t* a, const std::uint64_t* b) const;
  [[nodiscard]] bool dominates(const std::uint64_t* a, const std::uint64_t* b) const;
  [[nodiscard]] bool is_covered(std::uint32_t head, const std::uint64_t* config);
  [[nodiscard]] std::size_t find_cell(const std::uint64_t* config) const;
  [[nodiscard]] std::uint32_t* find_twin(const std::uint64_t* config);
  void cover_others(std::uint32_t& head, const std::uint64_t* config);
  void grow();
  void grow_all();

  ConfigShape shape_;
  std::vector<std::uint64_t> exact_;
  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> next_;  // the next of the same group, or kNone
  std::vector<std::uint8_t> dominated_;
  std::vector<std::uint32_t> table_;     // open addressing: the group's newest, or kNone
  std::vector<std::size_t> used_cells_;  // so that clearing costs what was used
  // Every configuration by all of its words, once some group is too long to compare with all.
  std::vector<std::uint32_t> all_;
};

}  // namespace squall
