// Interning: everything by a hash of its content in one table; lists by their items' ids, which are
// themselves interned, so that a list costs one look at each item however deep the items are.
#include "history/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "history/utf8.h"

namespace squall {
namespace {

constexpr ValueId kFalse = 1;
constexpr ValueId kTrue = 2;
constexpr std::size_t kFirstSlots = 64;
constexpr std::size_t kFirstBlock = 256;  // bytes; each further one is twice as large …
constexpr std::size_t kLargestBlock = std::size_t{64} << 10U;  // … up to this, or a longer text

// The final mix of splitmix64: dense ids and small numbers differ in few bits.
std::uint64_t mixed(std::uint64_t hash) {
  hash = (hash ^ (hash >> 30U)) * 0xbf58'476d'1ce4'e5b9U;
  hash = (hash ^ (hash >> 27U)) * 0x94d0'49bb'1331'11ebU;
  return hash ^ (hash >> 31U);
}

std::uint64_t hash_of(std::int64_t value) {
  return mixed(static_cast<std::uint64_t>(value) + 0x9e37'79b9'7f4a'7c15U);
}

// FNV-1a over ids.
std::uint64_t hash_of(std::span<const ValueId> items) {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325U;
  for (const ValueId item : items) hash = (hash ^ item) * 0x0000'0100'0000'01b3U;
  return mixed(hash);
}

// The same over eight bytes at a time.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0x8422'2325'cbf2'9ce4U ^ text.size();
  for (; text.size() > 8; text.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    hash = mixed(hash ^ word);
  }
  std::uint64_t word = 0;
  std::memcpy(&word, text.data(), text.size());
  return mixed(hash ^ word);
}

}  // namespace

Values::Values() : slots_(kFirstSlots) {
  entries_.push_back({.payload = 0, .length = 0, .kind = ValueKind::kNull});
  entries_.push_back({.payload = 0, .length = 0, .kind = ValueKind::kBoolean});
  entries_.push_back({.payload = 1, .length = 0, .kind = ValueKind::kBoolean});
}

template <typename Equal>
ValueId Values::find(std::uint64_t hash, const Equal& is_equal) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.id == kAbsent) return kAbsent;
    if (slot.hash == static_cast<std::uint32_t>(hash >> 32U) && is_equal(entries_[slot.id])) {
      return slot.id;
    }
  }
}

ValueId Values::add(Entry entry) {
  CHECK(entries_.size() < kAbsent);
  entries_.push_back(entry);
  return static_cast<ValueId>(entries_.size() - 1);
}

// At most three quarters are taken, so that a search soon meets a free slot.
ValueId Values::add(Entry entry, std::uint64_t hash) {
  const ValueId id = add(entry);
  if ((taken_ + 1) * 4 > slots_.size() * 3) grow_slots();
  place(hash, id);
  ++taken_;
  return id;
}

void Values::place(std::uint64_t hash, ValueId id) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].id != kAbsent) at = (at + 1) & mask;
  slots_[at] = {.hash = static_cast<std::uint32_t>(hash >> 32U), .id = id};
}

void Values::grow_slots() {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  for (const Slot& slot : old) {
    if (slot.id != kAbsent) place(hash_of_entry(slot.id), slot.id);
  }
}

std::uint64_t Values::hash_of_entry(ValueId id) const {
  const Entry& known = entries_[id];
  if (known.kind == ValueKind::kInteger) return hash_of(known.payload);
  return known.kind == ValueKind::kText ? hash_of(as_text(id)) : hash_of(as_list(id));
}

const Values::Entry& Values::entry(ValueId id) const {
  CHECK(id < entries_.size());
  return entries_[id];
}

// NOLINTNEXTLINE(readability-convert-member-functions-to-static): reads like the other makers.
ValueId Values::boolean(bool value) {
  return value ? kTrue : kFalse;
}

// Whether `value` is so small that a table by value costs no more than one by hash: such values
// (counters, mostly) are then found with one look.
bool Values::is_dense(std::int64_t value) const {
  constexpr std::size_t kAlways = 1024;
  return value >= 0 && static_cast<std::uint64_t>(value) < kAlways + 2 * entries_.size();
}

ValueId Values::integer(std::int64_t value) {
  const auto place = static_cast<std::uint64_t>(value);  // of a negative one: beyond every table
  if (place < small_.size() && small_[place] != kAbsent) return small_[place];
  const std::uint64_t hash = hash_of(value);
  const ValueId known = find(hash, [value](const Entry& entry) {
    return entry.kind == ValueKind::kInteger && entry.payload == value;
  });
  if (known != kAbsent) return known;
  const Entry entry{.payload = value, .length = 0, .kind = ValueKind::kInteger};
  if (!is_dense(value)) return add(entry, hash);
  const ValueId id = add(entry);
  if (place >= small_.size()) {
    if (place >= small_.capacity()) small_.reserve(std::max(place + 1, 2 * small_.capacity()));
    small_.resize(place + 1, kAbsent);
  }
  small_[place] = id;
  return id;
}

ValueId Values::text(std::string_view value) {
  const std::uint64_t hash = hash_of(value);
  const ValueId known = find(hash, [this, value](const Entry& entry) {
    return entry.kind == ValueKind::kText && text_of(entry) == value;
  });
  if (known != kAbsent) return known;
  if (!is_utf8(value)) return text(to_utf8(value));
  CHECK(value.size() < kAbsent);
  return add({.payload = keep_text(value),
              .length = static_cast<std::uint32_t>(value.size()),
              .kind = ValueKind::kText},
             hash);
}

// A block is never grown, also not the last one of a copy, which has no capacity left.
std::int64_t Values::keep_text(std::string_view value) {
  if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < value.size()) {
    const std::size_t doublings = std::min<std::size_t>(blocks_.size(), 16);
    const std::size_t usual = std::min(kFirstBlock << doublings, kLargestBlock);
    blocks_.emplace_back().reserve(std::max(usual, value.size()));
  }
  const auto block = static_cast<std::int64_t>(blocks_.size() - 1);
  const auto offset = static_cast<std::int64_t>(blocks_.back().size());
  blocks_.back() += value;
  return (block << 32) + offset;
}

ValueId Values::list(std::span<const ValueId> items) {
  CHECK(items.size() < kAbsent);
  const std::uint64_t hash = hash_of(items);
  const ValueId known = find(hash, [this, items](const Entry& entry) {
    return entry.kind == ValueKind::kList && entry.length == items.size() &&
           std::equal(items.begin(), items.end(), items_.begin() + entry.payload);
  });
  if (known != kAbsent) return known;
  const std::size_t start = items_.size();
  // Growing first keeps `items` usable where it is a part of items_ itself.
  const bool is_own = !items_.empty() && items.data() >= items_.data() &&
                      items.data() < items_.data() + items_.size();
  const std::size_t own_start = is_own ? static_cast<std::size_t>(items.data() - items_.data()) : 0;
  items_.resize(start + items.size());
  const ValueId* source = is_own ? items_.data() + own_start : items.data();
  std::copy_n(source, items.size(), items_.begin() + static_cast<std::ptrdiff_t>(start));
  return add({.payload = static_cast<std::int64_t>(start),
              .length = static_cast<std::uint32_t>(items.size()),
              .kind = ValueKind::kList},
             hash);
}

ValueId Values::pair(ValueId first, ValueId second) {
  const std::array<ValueId, 2> items = {first, second};
  return list(items);
}

ValueKind Values::kind(ValueId id) const {
  return entry(id).kind;
}

bool Values::as_boolean(ValueId id) const {
  CHECK(kind(id) == ValueKind::kBoolean);
  return id == kTrue;
}

std::int64_t Values::as_integer(ValueId id) const {
  CHECK(kind(id) == ValueKind::kInteger);
  return entry(id).payload;
}

std::string_view Values::as_text(ValueId id) const {
  CHECK(kind(id) == ValueKind::kText);
  return text_of(entry(id));
}

std::string_view Values::text_of(const Entry& text) const {
  const std::string& block = blocks_[static_cast<std::size_t>(text.payload >> 32)];
  return {block.data() + (text.payload & 0xffff'ffff), text.length};
}

std::span<const ValueId> Values::as_list(ValueId id) const {
  CHECK(kind(id) == ValueKind::kList);
  const Entry& list = entry(id);
  return std::span(items_).subspan(static_cast<std::size_t>(list.payload), list.length);
}

void Values::append_json(ValueId id, std::string& out) const {
  const Entry& value = entry(id);
  switch (value.kind) {
    case ValueKind::kNull:
      out += "null";
      return;
    case ValueKind::kBoolean:
      out += id == kTrue ? "true" : "false";
      return;
    case ValueKind::kInteger: {
      std::array<char, 24> digits{};
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value.payload);
      out.append(digits.data(), end.ptr);
      return;
    }
    case ValueKind::kText:
      append_json_string(as_text(id), out);
      return;
    case ValueKind::kList:
      out += '[';
      for (std::uint32_t i = 0; i < value.length; ++i) {
        if (i > 0) out += ',';
        append_json(items_[static_cast<std::size_t>(value.payload) + i], out);
      }
      out += ']';
      return;
  }
}

std::string Values::to_json(ValueId id) const {
  std::string text;
  append_json(id, text);
  return text;
}

std::size_t Values::bytes() const {
  std::size_t total = entries_.capacity() * sizeof(Entry) + slots_.capacity() * sizeof(Slot) +
                      (items_.capacity() + small_.capacity()) * sizeof(ValueId);
  for (const std::string& block : blocks_) total += sizeof(block) + block.capacity();
  return total;
}

}  // namespace squall
