// A recursive-descent reader of EDN (github.com/edn-format/edn) over a text in memory.
#include "history/edn.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "base/check.h"

namespace squall {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == ',' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\v';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
// Where a number, keyword or symbol ends.
bool ends_token(char c) {
  return is_blank(c) || c == '"' || c == ';' || c == '(' || c == ')' || c == '[' || c == ']' ||
         c == '{' || c == '}' || c == '\0';
}

void append_utf8(std::uint32_t code, std::string& out) {
  const auto byte = [&out](std::uint32_t bits) { out += static_cast<char>(bits); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0U | (code >> 6U));
    byte(0x80U | (code & 0x3fU));
  } else {
    byte(0xe0U | (code >> 12U));
    byte(0x80U | ((code >> 6U) & 0x3fU));
    byte(0x80U | (code & 0x3fU));
  }
}

// Shortest text that is exact, as JSON's numbers are kept.
std::string shortest(std::string_view digits) {
  double number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) {
    return std::string(digits);
  }
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), end.ptr};
}

}  // namespace

bool is_before(const Values& values, ValueId a, ValueId b) {
  const ValueKind kind = values.kind(a);
  if (kind != values.kind(b)) return kind < values.kind(b);
  if (kind == ValueKind::kInteger) return values.as_integer(a) < values.as_integer(b);
  if (kind == ValueKind::kText) return values.as_text(a) < values.as_text(b);
  return values.to_json(a) < values.to_json(b);
}

bool EdnCursor::fail(std::string what, std::size_t where) {
  what_ = std::move(what);
  where_ = where;
  return false;
}

bool EdnCursor::blank() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (is_blank(c)) {
      ++at_;
    } else if (c == ';') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '^' || (c == '#' && text_.substr(at_, 2) == "#_")) {
      const std::size_t start = at_;
      at_ += c == '^' ? 1 : 2;
      if (!skip()) return false;
      CHECK(at_ > start);
    } else {
      return true;
    }
  }
  return true;
}

bool EdnCursor::skip() {
  const bool was_skipping = std::exchange(is_skipping_, true);
  ValueId ignored = kNil;
  const bool is_read = form(ignored, skip_depth_++);
  --skip_depth_;
  is_skipping_ = was_skipping;
  return is_read;
}

std::string_view EdnCursor::token() {
  const std::size_t start = at_;
  while (at_ < text_.size() && !ends_token(text_[at_])) ++at_;
  return text_.substr(start, at_ - start);
}

bool EdnCursor::tag() {
  const std::size_t start = at_;
  ++at_;
  if (token().empty()) return fail("'#' without a tag behind it", start);
  return blank();
}

bool EdnCursor::integer(std::int64_t& number) {
  const char* const end = text_.data() + text_.size();
  const auto parsed = std::from_chars(text_.data() + at_, end, number);
  if (parsed.ec != std::errc{} || (parsed.ptr != end && !ends_token(*parsed.ptr))) return false;
  at_ = static_cast<std::size_t>(parsed.ptr - text_.data());
  was_keyword_ = false;
  return true;
}

bool EdnCursor::name(std::string_view& name) {
  if (peek() == '"') {
    const std::size_t end = text_.find_first_of("\"\\", at_ + 1);
    if (end == std::string_view::npos || text_[end] != '"') return false;
    name = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    was_keyword_ = false;
    return true;
  }
  if (is_digit(peek()) || peek() == '#' || ends_token(peek())) return false;
  was_keyword_ = peek() == ':';
  name = token();
  while (name.starts_with(':')) name.remove_prefix(1);
  return true;
}

bool EdnCursor::form(ValueId& id, std::size_t depth) {
  if (depth > kMaxEdnDepth) {
    return fail("nested deeper than the limit of " + std::to_string(kMaxEdnDepth), at_);
  }
  if (!blank()) return false;
  if (is_at_end()) return fail("the text ends where a value is expected", at_);
  const char c = peek();
  switch (c) {
    case '[':
      return list(']', id, depth);
    case '(':
      return list(')', id, depth);
    case '{':
      return map(id, depth);
    case '"':
      return string(id);
    case '\\':
      return character(id);
    case '#':
      return dispatch(id, depth);
    case '\'':
      ++at_;
      return form(id, depth + 1);
    case ']':
    case ')':
    case '}':
      return fail(std::string("'") + c + "' where a value is expected", at_);
    default:
      break;
  }
  const bool is_signed = (c == '-' || c == '+') && at_ + 1 < text_.size();
  return is_digit(c) || (is_signed && is_digit(text_[at_ + 1])) ? number(id) : word(id);
}

// #{…} #_… ##Inf #"…" #tag form
bool EdnCursor::dispatch(ValueId& id, std::size_t depth) {
  const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (next == '{') return set(id, depth);
  if (next == '"') {
    ++at_;
    return string(id);
  }
  if (next == '#') {
    at_ += 2;
    return word(id);
  }
  return tag() && form(id, depth + 1);
}

bool EdnCursor::sequence(char close, std::size_t opened, std::vector<ValueId>& items,
                         std::size_t depth) {
  while (true) {
    if (!blank()) return false;
    if (is_at_end()) return fail("what is opened here is never closed", opened);
    if (peek() == close) {
      ++at_;
      was_keyword_ = false;
      return true;
    }
    ValueId item = kNil;
    if (!form(item, depth + 1)) return false;
    if (!is_skipping_) items.push_back(item);
  }
}

bool EdnCursor::list(char close, ValueId& id, std::size_t depth) {
  std::vector<ValueId> items;
  const std::size_t opened = at_++;
  if (!sequence(close, opened, items, depth)) return false;
  if (!is_skipping_) id = values_.list(items);
  return true;
}

bool EdnCursor::set(ValueId& id, std::size_t depth) {
  std::vector<ValueId> items;
  const std::size_t opened = at_;
  at_ += 2;
  if (!sequence('}', opened, items, depth)) return false;
  if (is_skipping_) return true;
  std::sort(items.begin(), items.end(),
            [this](ValueId a, ValueId b) { return is_before(values_, a, b); });
  items.insert(items.begin(), values_.text(kSetMark));
  id = values_.list(items);
  return true;
}

bool EdnCursor::map(ValueId& id, std::size_t depth) {
  std::vector<ValueId> items;
  const std::size_t opened = at_++;
  if (!sequence('}', opened, items, depth)) return false;
  if (is_skipping_) return true;
  if (items.size() % 2 != 0) return fail("a map with a key that has no value", opened);
  std::vector<std::pair<ValueId, ValueId>> members;
  for (std::size_t i = 0; i < items.size(); i += 2) members.emplace_back(items[i], items[i + 1]);
  std::stable_sort(members.begin(), members.end(), [this](const auto& a, const auto& b) {
    return is_before(values_, a.first, b.first);
  });
  items.clear();
  for (const auto& [key, value] : members) items.push_back(values_.pair(key, value));
  id = values_.list(items);
  return true;
}

void EdnCursor::keep(std::string_view text, bool is_keyword, ValueId& id) {
  was_keyword_ = is_keyword;
  if (!is_skipping_) id = values_.text(text);
}

bool EdnCursor::code_point(std::string& text) {
  std::uint32_t code = 0;
  constexpr std::size_t kDigits = 4;
  if (at_ + kDigits > text_.size()) return fail("\\u wants four digits", at_);
  const char* const start = text_.data() + at_;
  const auto parsed = std::from_chars(start, start + kDigits, code, 16);
  if (parsed.ec != std::errc{} || parsed.ptr != start + kDigits) {
    return fail("\\u wants four digits", at_);
  }
  at_ += kDigits;
  append_utf8(code, text);
  return true;
}

bool EdnCursor::escape(std::string& text) {
  constexpr std::string_view kNames = "tnrbf\\\"'";
  constexpr std::string_view kMeant = "\t\n\r\b\f\\\"'";
  const char letter = peek();
  const std::size_t place = kNames.find(letter);
  if (is_at_end()) return fail("a string that is never closed", at_);
  ++at_;
  if (letter == 'u') return code_point(text);
  if (place == std::string_view::npos) {
    return fail(std::string("unknown escape \\") + letter, at_ - 2);
  }
  text += kMeant[place];
  return true;
}

bool EdnCursor::string(ValueId& id) {
  const std::size_t opened = at_++;
  std::string unescaped;
  while (true) {
    const std::size_t end = text_.find_first_of("\"\\", at_);
    if (end == std::string_view::npos) return fail("a string that is never closed", opened);
    if (end - opened > kMaxEdnToken) {
      return fail("a string longer than the limit of " + std::to_string(kMaxEdnToken) + " bytes",
                  opened);
    }
    const std::string_view piece = text_.substr(at_, end - at_);
    at_ = end + 1;
    if (text_[end] == '"' && unescaped.empty()) {
      keep(piece, false, id);
      return true;
    }
    unescaped += piece;
    if (text_[end] == '"') break;
    if (!escape(unescaped)) return false;
  }
  keep(unescaped, false, id);
  return true;
}

// \a \newline \u0041
bool EdnCursor::character(ValueId& id) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNamed = {
      {{"newline", "\n"},
       {"space", " "},
       {"tab", "\t"},
       {"return", "\r"},
       {"backspace", "\b"},
       {"formfeed", "\f"}}};
  const std::size_t start = at_++;
  if (is_at_end()) return fail("'\\' without a character behind it", start);
  const std::size_t first = at_++;
  while (at_ < text_.size() && !ends_token(text_[at_])) ++at_;
  std::string_view letters = text_.substr(first, at_ - first);
  for (const auto& [name, meant] : kNamed) {
    if (letters == name) letters = meant;
  }
  keep(letters, false, id);
  return true;
}

bool EdnCursor::number(ValueId& id) {
  const std::size_t start = at_;
  std::string_view digits = token();
  if (digits.starts_with('+')) digits.remove_prefix(1);
  was_keyword_ = false;
  std::string_view whole = digits;
  if (whole.ends_with('N')) whole.remove_suffix(1);
  std::int64_t number = 0;
  const char* const end = whole.data() + whole.size();
  const auto parsed = std::from_chars(whole.data(), end, number);
  if (parsed.ptr == end && parsed.ec == std::errc{}) {
    if (!is_skipping_) id = values_.integer(number);
    return true;
  }
  if (parsed.ptr == end) {
    return fail("a number is over the limit of 9223372036854775807; write it as text", start);
  }
  if (digits.find_first_not_of("0123456789.eE+-/M") != std::string_view::npos) {
    return fail("'" + std::string(digits.substr(0, 40)) + "' is neither a number nor a name",
                start);
  }
  if (digits.ends_with('M')) digits.remove_suffix(1);
  keep(shortest(digits), false, id);
  return true;
}

bool EdnCursor::word(ValueId& id) {
  const std::size_t start = at_;
  std::string_view name = token();
  if (name.empty()) return fail("a byte that begins no value", start);
  if (name.size() > kMaxEdnToken) {
    return fail("a name longer than the limit of " + std::to_string(kMaxEdnToken) + " bytes",
                start);
  }
  if (name == "nil") {
    was_keyword_ = false;
    id = kNil;
    return true;
  }
  if (name == "true" || name == "false") {
    was_keyword_ = false;
    id = values_.boolean(name == "true");
    return true;
  }
  const bool is_keyword = name.starts_with(':');
  while (name.starts_with(':')) name.remove_prefix(1);
  if (name.empty()) return fail("a keyword without a name", start);
  keep(name, is_keyword, id);
  return true;
}

}  // namespace squall
