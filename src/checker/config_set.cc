// The set of configurations: open addressing over groups of equal state and bits.
#include "checker/config_set.h"

#include <algorithm>

namespace squall {
namespace {

constexpr std::size_t kFirstCells = 64;
constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080ULL;
constexpr std::uint64_t kStateBits = 0xffff'ffffULL;

}  // namespace

ConfigSet::ConfigSet(ConfigShape shape) : shape_(shape), table_(kFirstCells, kNone) {}

std::uint64_t ConfigSet::hash(const std::uint64_t* config) const {
  std::uint64_t h = (config[0] & kStateBits) * 0x9e37'79b9'7f4a'7c15ULL;
  for (std::size_t i = 1; i <= shape_.mask_words; ++i) {
    h = (h ^ (h >> 29U) ^ config[i]) * 0xbf58'476d'1ce4'e5b9ULL;
  }
  return h ^ (h >> 32U);
}

bool ConfigSet::is_same_group(const std::uint64_t* a, const std::uint64_t* b) const {
  return (a[0] & kStateBits) == (b[0] & kStateBits) &&
         std::equal(a + 1, a + 1 + shape_.mask_words, b + 1);
}

// Eight counters at a time: no byte of a, each at most 127, is over its byte of b exactly if taking
// it from b with the high bit set borrows from no neighbour and leaves that bit standing.
bool ConfigSet::uses_no_more(const std::uint64_t* a, const std::uint64_t* b) const {
  const std::size_t first = 1 + shape_.mask_words;
  for (std::size_t i = first; i < first + shape_.counter_words; ++i) {
    if ((((b[i] | kHighBits) - a[i]) & kHighBits) != kHighBits) return false;
  }
  return true;
}

std::size_t ConfigSet::find_cell(const std::uint64_t* config) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t cell = hash(config) & mask;
  while (table_[cell] != kNone && !is_same_group(at(table_[cell]), config)) {
    cell = (cell + 1) & mask;
  }
  return cell;
}

void ConfigSet::grow() {
  std::vector<std::uint32_t> heads;
  heads.reserve(used_cells_.size());
  for (const std::size_t cell : used_cells_) heads.push_back(table_[cell]);
  table_.assign(table_.size() * 2, kNone);
  used_cells_.clear();
  for (const std::uint32_t head : heads) {
    const std::size_t cell = find_cell(at(head));
    table_[cell] = head;
    used_cells_.push_back(cell);
  }
}

std::uint32_t ConfigSet::insert(const std::uint64_t* config) {
  if (used_cells_.size() * 2 >= table_.size()) grow();
  const std::size_t cell = find_cell(config);
  for (std::uint32_t i = table_[cell]; i != kNone; i = next_[i]) {
    if (dominated_[i] == 0 && uses_no_more(at(i), config)) return kNone;
  }
  for (std::uint32_t i = table_[cell]; i != kNone; i = next_[i]) {
    if (uses_no_more(config, at(i))) dominated_[i] = 1;
  }
  const std::uint32_t index = size();
  if (table_[cell] == kNone) used_cells_.push_back(cell);
  words_.insert(words_.end(), config, config + shape_.words());
  next_.push_back(table_[cell]);
  dominated_.push_back(0);
  table_[cell] = index;
  return index;
}

void ConfigSet::copy_to(std::vector<std::uint64_t>& out) const {
  out.clear();
  for (std::uint32_t i = 0; i < size(); ++i) {
    if (dominated_[i] == 0) out.insert(out.end(), at(i), at(i) + shape_.words());
  }
}

void ConfigSet::clear() {
  for (const std::size_t cell : used_cells_) table_[cell] = kNone;
  used_cells_.clear();
  words_.clear();
  next_.clear();
  dominated_.clear();
}

std::uint64_t ConfigSet::bytes() const {
  return words_.capacity() * sizeof(std::uint64_t) + next_.capacity() * sizeof(std::uint32_t) +
         dominated_.capacity() + table_.capacity() * sizeof(std::uint32_t) +
         used_cells_.capacity() * sizeof(std::size_t);
}

}  // namespace squall
