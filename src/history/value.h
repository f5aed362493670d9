// Values: every value and key of a history, stored once and named by a dense 32-bit id, so that an
// operation is small and comparing two values is comparing two integers.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
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
    std::int64_t payload;  // the integer, or where in blocks_ or in items_ it starts
    std::uint32_t length;  // of a text or a list
    ValueKind kind;
  };
  struct Slot {
    std::uint32_t hash = 0;
    ValueId id = kAbsent;  // kAbsent: free
  };
  ValueId add(Entry entry);  // without a place in slots_
  ValueId add(Entry entry, std::uint64_t hash);
  void place(std::uint64_t hash, ValueId id);
  void grow_slots();
  [[nodiscard]] const Entry& entry(ValueId id) const;
  [[nodiscard]] std::uint64_t hash_of_entry(ValueId id) const;
  [[nodiscard]] std::string_view text_of(const Entry& text) const;
  [[nodiscard]] bool is_dense(std::int64_t value) const;
  std::int64_t keep_text(std::string_view value);
  template <typename Equal>
  [[nodiscard]] ValueId find(std::uint64_t hash, const Equal& is_equal) const;

  std::vector<Entry> entries_;
  // Texts, one after the other in blocks that never move; a payload is block · 2^32 + offset.
  std::deque<std::string> blocks_;
  std::vector<ValueId> items_;
  std::vector<ValueId> small_;  // of integers from 0 on that are dense; kAbsent: not one of ours
  std::vector<Slot> slots_;     // everything else by its hash, open addressing
  std::size_t taken_ = 0;       // of slots_
};

}  // namespace squall
