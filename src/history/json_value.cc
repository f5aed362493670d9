// One recursive walk over simdjson's element.
#include "history/json_value.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace squall {
namespace {

using simdjson::dom::element;
using Problem = std::optional<std::string>;

class ValueReader {
 public:
  explicit ValueReader(Values& values) : values_(values) {}
  Problem read(const element& from, std::size_t depth, ValueId& id);

 private:
  Problem read_list(const simdjson::dom::array& list, std::size_t depth, ValueId& id);
  Problem read_object(const simdjson::dom::object& object, std::size_t depth, ValueId& id);
  ValueId read_double(double number);

  Values& values_;
};

Problem ValueReader::read(const element& from, std::size_t depth, ValueId& id) {
  using simdjson::dom::element_type;
  if (depth > kMaxJsonDepth) {
    return "nested deeper than the limit of " + std::to_string(kMaxJsonDepth);
  }
  switch (from.type()) {
    case element_type::NULL_VALUE:
      id = kNil;
      return {};
    case element_type::BOOL:
      id = values_.boolean(bool(from));
      return {};
    case element_type::INT64:
      id = values_.integer(std::int64_t(from));
      return {};
    case element_type::UINT64:
      return "a number is over the limit of 9223372036854775807; write it as text";
    case element_type::DOUBLE:
      id = read_double(double(from));
      return {};
    case element_type::STRING:
      id = values_.text(std::string_view(from));
      return {};
    case element_type::ARRAY:
      return read_list(simdjson::dom::array(from), depth, id);
    case element_type::OBJECT:
      return read_object(simdjson::dom::object(from), depth, id);
  }
  return {};
}

// There are no fractions among our values: the shortest text that is exact stands for one.
ValueId ValueReader::read_double(double number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return values_.text({digits.data(), static_cast<std::size_t>(end.ptr - digits.data())});
}

Problem ValueReader::read_list(const simdjson::dom::array& list, std::size_t depth, ValueId& id) {
  std::vector<ValueId> items;
  items.reserve(list.size());
  for (const element item : list) {
    items.push_back(kNil);
    if (Problem error = read(item, depth + 1, items.back())) return error;
  }
  id = values_.list(items);
  return {};
}

// A list of [key, value] in the order of the keys, so that two objects that are equal stay equal.
Problem ValueReader::read_object(const simdjson::dom::object& object, std::size_t depth,
                                 ValueId& id) {
  std::vector<std::pair<std::string_view, ValueId>> members;
  for (const auto& member : object) {
    ValueId value = kNil;
    if (Problem error = read(member.value, depth + 1, value)) return error;
    members.emplace_back(member.key, value);
  }
  std::sort(members.begin(), members.end());
  std::vector<ValueId> pairs;
  for (const auto& [key, value] : members) pairs.push_back(values_.pair(values_.text(key), value));
  id = values_.list(pairs);
  return {};
}

}  // namespace

std::optional<std::string> read_json_value(const element& from, Values& values, ValueId& id) {
  return ValueReader(values).read(from, 0, id);
}

}  // namespace squall
