// Values: every value and key of a history, stored once and named by a dense 32-bit id, so that an
// operation is small and comparing two values is comparing two integers.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace squall {

// Ids are dense from 0 and equal exactly if the values are equal (within one Values).
using ValueId = std::uint32_t;
inline constexpr ValueId kNil = 0;                // the value nil (a read that found nothing)
inline constexpr ValueId kAbsent = 0xffff'ffffU;  // no value at all: nobody saw one

enum class ValueKind : std::uint8_t { kNull, kBoolean, kInteger, kText, kList };

// Not thread-safe; const access is.
class Values {
 public:
  Values();
  Values(const Values& other);
  Values& operator=(const Values& other);
  Values(Values&&) noexcept = default;
  Values& operator=(Values&&) noexcept = default;
  ~Values() = default;

  ValueId boolean(bool value);
  ValueId integer(std::int64_t value);
  // Text is UTF-8: a byte that is not is kept as the four characters \xHH (see utf8.h).
  ValueId text(std::string_view value);
  // One look at every item; `items` may be a span that as_list() of this object gave.
  ValueId list(std::span<const ValueId> items);
  ValueId pair(ValueId first, ValueId second);

  [[nodiscard]] ValueKind kind(ValueId id) const;
  [[nodiscard]] std::int64_t as_integer(ValueId id) const;   // CHECKs the kind
  [[nodiscard]] std::string_view as_text(ValueId id) const;  // valid as long as this object
  [[nodiscard]] bool as_boolean(ValueId id) const;
  // Valid until the next list() or pair().
  [[nodiscard]] std::span<const ValueId> as_list(ValueId id) const;
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  // JSON, also what witnesses print: 204, "a", [1,2], null, true.
  [[nodiscard]] std::string to_json(ValueId id) const;
  void append_json(ValueId id, std::string& out) const;
  [[nodiscard]] std::size_t bytes() const;  // memory in use, approximately

 private:
  struct Entry {
    ValueKind kind;
    std::int64_t payload;  // the integer, or an index into texts_ or the start in items_
    std::uint32_t length;  // of a list
  };
  ValueId add(Entry entry);
  [[nodiscard]] const Entry& entry(ValueId id) const;
  void index_texts();

  std::vector<Entry> entries_;
  std::deque<std::string> texts_;
  std::vector<ValueId> items_;
  std::unordered_map<std::int64_t, ValueId> integers_;
  std::unordered_map<std::string_view, ValueId> texts_by_content_;
  std::unordered_multimap<std::uint64_t, ValueId> lists_by_hash_;
};

}  // namespace squall
