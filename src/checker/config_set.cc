// The set of configurations: open addressing over groups of equal state and exact bits.
#include "checker/config_set.h"

#include <algorithm>

namespace squall {
namespace {

constexpr std::size_t kFirstCells = 64;
constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080ULL;
// In a longer group only so many are compared, and for the rest equality counts: comparing all with
// all would cost more than it saves.
constexpr int kMaxCompared = 64;

std::uint64_t mix(std::uint64_t h, std::uint64_t word) {
  h = (h ^ (h >> 29U) ^ word) * 0xbf58'476d'1ce4'e5b9ULL;
  return h ^ (h >> 32U);
}

}  // namespace

ConfigSet::ConfigSet(ConfigShape shape)
    : shape_(shape), exact_(shape.mask_words, 0), table_(kFirstCells, kNone) {}

std::uint64_t ConfigSet::hash(const std::uint64_t* config) const {
  std::uint64_t h = (config[0] & kStateBits) * 0x9e37'79b9'7f4a'7c15ULL;
  for (std::size_t i = 0; i < shape_.mask_words; ++i) {
    h = mix(h, config[shape_.used() + i] & exact_[i]);
  }
  if (shape_.place_words != 0) h = mix(h, config[shape_.place()]);
  return h;
}

bool ConfigSet::is_same_group(const std::uint64_t* a, const std::uint64_t* b) const {
  std::uint64_t other = (a[0] ^ b[0]) & kStateBits;
  for (std::size_t i = 0; i < shape_.mask_words; ++i) {
    other |= (a[shape_.used() + i] ^ b[shape_.used() + i]) & exact_[i];
  }
  if (shape_.place_words != 0) other |= a[shape_.place()] ^ b[shape_.place()];
  return other == 0;
}

// Counters eight at a time: no byte of a, each at most 127, is over its byte of b exactly if taking
// it from b with the high bit set borrows from no neighbour and leaves that bit standing.
bool ConfigSet::dominates(const std::uint64_t* a, const std::uint64_t* b) const {
  std::uint64_t more = 0;
  const std::size_t counters = shape_.counters();
  for (std::size_t i = 1; i < counters; ++i) more |= a[i] & ~b[i];
  if (more != 0) return false;
  for (std::size_t i = counters; i < shape_.place(); ++i) {
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

// Where a configuration with exactly these words stands, or is to stand.
std::uint32_t* ConfigSet::find_twin(const std::uint64_t* config) {
  std::uint64_t h = 0;
  for (std::size_t i = 0; i < shape_.words(); ++i) h = mix(h, config[i]);
  const std::size_t mask = all_.size() - 1;
  std::size_t cell = h & mask;
  while (all_[cell] != kNone && !std::equal(config, config + shape_.words(), at(all_[cell]))) {
    cell = (cell + 1) & mask;
  }
  return &all_[cell];
}

void ConfigSet::grow_all() {
  std::size_t cells = std::max<std::size_t>(all_.size(), 4 * kFirstCells);
  while (cells < 4 * (next_.size() + 1)) cells *= 2;
  all_.assign(cells, kNone);
  for (std::uint32_t i = 0; i < size(); ++i) *find_twin(at(i)) = i;
}

bool ConfigSet::is_covered(std::uint32_t head, const std::uint64_t* config) {
  int compared = 0;
  for (std::uint32_t i = head; i != kNone; i = next_[i]) {
    if (dominates(at(i), config)) return true;
    if (++compared < kMaxCompared) continue;
    if (all_.empty()) grow_all();
    break;
  }
  return !all_.empty() && *find_twin(config) != kNone;
}

// Takes those that do no better out of the group.
void ConfigSet::cover_others(std::uint32_t& head, const std::uint64_t* config) {
  std::uint32_t* link = &head;
  for (int compared = 0; *link != kNone && compared < kMaxCompared; ++compared) {
    if (dominates(config, at(*link))) {
      dominated_[*link] = 1;
      *link = next_[*link];
    } else {
      link = &next_[*link];
    }
  }
}

std::uint32_t ConfigSet::insert(const std::uint64_t* config) {
  if (used_cells_.size() * 2 >= table_.size()) grow();
  const std::size_t cell = find_cell(config);
  std::uint32_t& head = table_[cell];
  if (head == kNone) used_cells_.push_back(cell);
  if (is_covered(head, config)) return kNone;
  cover_others(head, config);
  const std::uint32_t index = size();
  words_.insert(words_.end(), config, config + shape_.words());
  next_.push_back(head);
  dominated_.push_back(0);
  head = index;
  if (all_.empty()) return index;
  if (2 * next_.size() >= all_.size()) {
    grow_all();
  } else {
    *find_twin(config) = index;
  }
  return index;
}

void ConfigSet::clear() {
  for (const std::size_t cell : used_cells_) table_[cell] = kNone;
  used_cells_.clear();
  words_.clear();
  next_.clear();
  dominated_.clear();
  all_.clear();
}

std::uint64_t ConfigSet::bytes() const {
  return words_.capacity() * sizeof(std::uint64_t) + next_.capacity() * sizeof(std::uint32_t) +
         dominated_.capacity() + table_.capacity() * sizeof(std::uint32_t) +
         used_cells_.capacity() * sizeof(std::size_t) + all_.capacity() * sizeof(std::uint32_t);
}

}  // namespace squall
