// Interning: integers and texts by content, lists by a hash over their items' ids, which are
// themselves interned, so that a list costs one look at each item however deep the items are.
#include "history/value.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"
#include "history/utf8.h"

namespace squall {
namespace {

constexpr ValueId kFalse = 1;
constexpr ValueId kTrue = 2;

// FNV-1a over ids with a final mix (splitmix64), since dense ids differ in few bits.
std::uint64_t hash_of(std::span<const ValueId> items) {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325U;
  for (const ValueId item : items) hash = (hash ^ item) * 0x0000'0100'0000'01b3U;
  hash = (hash ^ (hash >> 30U)) * 0xbf58'476d'1ce4'e5b9U;
  hash = (hash ^ (hash >> 27U)) * 0x94d0'49bb'1331'11ebU;
  return hash ^ (hash >> 31U);
}

}  // namespace

Values::Values() {
  add({.kind = ValueKind::kNull, .payload = 0, .length = 0});
  add({.kind = ValueKind::kBoolean, .payload = 0, .length = 0});
  add({.kind = ValueKind::kBoolean, .payload = 1, .length = 0});
}

Values::Values(const Values& other)
    : entries_(other.entries_),
      texts_(other.texts_),
      items_(other.items_),
      integers_(other.integers_),
      lists_by_hash_(other.lists_by_hash_) {
  index_texts();
}

Values& Values::operator=(const Values& other) {
  if (this != &other) *this = Values(other);
  return *this;
}

// The index holds views into texts_, so that a copy needs one of its own.
void Values::index_texts() {
  for (ValueId id = 0; id < entries_.size(); ++id) {
    if (entries_[id].kind == ValueKind::kText) texts_by_content_.emplace(as_text(id), id);
  }
}

ValueId Values::add(Entry entry) {
  CHECK(entries_.size() < kAbsent);
  entries_.push_back(entry);
  return static_cast<ValueId>(entries_.size() - 1);
}

const Values::Entry& Values::entry(ValueId id) const {
  CHECK(id < entries_.size());
  return entries_[id];
}

// NOLINTNEXTLINE(readability-convert-member-functions-to-static): reads like the other makers.
ValueId Values::boolean(bool value) {
  return value ? kTrue : kFalse;
}

ValueId Values::integer(std::int64_t value) {
  const auto [place, is_new] = integers_.try_emplace(value, kAbsent);
  if (is_new) place->second = add({.kind = ValueKind::kInteger, .payload = value, .length = 0});
  return place->second;
}

ValueId Values::text(std::string_view value) {
  const auto known = texts_by_content_.find(value);
  if (known != texts_by_content_.end()) return known->second;
  if (!is_utf8(value)) return text(to_utf8(value));
  const auto index = static_cast<std::int64_t>(texts_.size());
  texts_.emplace_back(value);
  const ValueId id = add({.kind = ValueKind::kText, .payload = index, .length = 0});
  texts_by_content_.emplace(texts_.back(), id);
  return id;
}

ValueId Values::list(std::span<const ValueId> items) {
  CHECK(items.size() < kAbsent);
  const std::uint64_t hash = hash_of(items);
  const auto [first, last] = lists_by_hash_.equal_range(hash);
  for (auto candidate = first; candidate != last; ++candidate) {
    const std::span<const ValueId> known = as_list(candidate->second);
    if (std::equal(known.begin(), known.end(), items.begin(), items.end()))
      return candidate->second;
  }
  const std::size_t start = items_.size();
  // Growing first keeps `items` usable where it is a part of items_ itself.
  const bool is_own = !items_.empty() && items.data() >= items_.data() &&
                      items.data() < items_.data() + items_.size();
  const std::size_t own_start = is_own ? static_cast<std::size_t>(items.data() - items_.data()) : 0;
  items_.resize(start + items.size());
  const ValueId* source = is_own ? items_.data() + own_start : items.data();
  std::copy_n(source, items.size(), items_.begin() + static_cast<std::ptrdiff_t>(start));
  const ValueId id = add({.kind = ValueKind::kList,
                          .payload = static_cast<std::int64_t>(start),
                          .length = static_cast<std::uint32_t>(items.size())});
  lists_by_hash_.emplace(hash, id);
  return id;
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
  return texts_[static_cast<std::size_t>(entry(id).payload)];
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
  // A node of an unordered container: next pointer, key, value, cached hash where there is one.
  constexpr std::size_t kNode = 32;
  std::size_t total = entries_.capacity() * sizeof(Entry) + items_.capacity() * sizeof(ValueId);
  for (const std::string& text : texts_) total += sizeof(text) + text.capacity();
  return total + kNode * (integers_.size() + texts_by_content_.size() + lists_by_hash_.size());
}

}  // namespace squall
