// The fast reader of plain events.  Everything it takes, simdjson takes with the same meaning; what
// is the least bit unusual it leaves to simdjson.  A line break ends every loop: no token holds
// one.
#include <array>
#include <cstring>

#include "history/json_event.h"

namespace squall {
namespace {

constexpr std::size_t kMaxItems = 16;   // of a list
constexpr int kMaxPlainDepth = 4;       // lists in lists
constexpr std::size_t kMaxDigits = 18;  // always fit into 64 bits

// What a plain string may hold between its quotes: printable ASCII but quote and backslash.
constexpr std::array<bool, 256> make_plain_letters() {
  std::array<bool, 256> is_plain{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) is_plain[c] = c != '"' && c != '\\';
  return is_plain;
}
constexpr std::array<bool, 256> kIsPlain = make_plain_letters();

constexpr unsigned bit(EventField field) {
  return 1U << static_cast<unsigned>(field);
}
constexpr unsigned kNeeded =
    bit(EventField::kProcess) | bit(EventField::kKind) | bit(EventField::kFunction);

class PlainReader {
 public:
  PlainReader(const char* at, const EventNames& names, Values& values, Event& event)
      : at_(at), names_(names), values_(values), event_(event) {}

  const char* read() {
    event_ = {};
    if (!take('{')) return nullptr;
    do {
      std::string_view name;
      if (!string(name) || !take(':') || !member(name)) return nullptr;
    } while (take(','));
    if (!take('}')) return nullptr;
    if (*at_ == '\r') ++at_;
    if (*at_ != '\n' || (seen_ & kNeeded) != kNeeded) return nullptr;
    return at_ + 1;
  }

 private:
  void spaces() {
    while (*at_ == ' ') ++at_;
  }
  bool take(char expected) {
    spaces();
    if (*at_ != expected) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (std::strncmp(at_, word.data(), word.size()) != 0) return false;
    at_ += word.size();
    return true;
  }

  bool string(std::string_view& text) {
    if (!take('"')) return false;
    const char* const start = at_;
    while (kIsPlain[static_cast<unsigned char>(*at_)]) ++at_;
    text = {start, static_cast<std::size_t>(at_ - start)};
    if (*at_ != '"') return false;
    ++at_;
    return true;
  }

  bool integer(std::int64_t& number) {
    spaces();
    const bool is_negative = *at_ == '-';
    if (is_negative) ++at_;
    const char* const start = at_;
    std::int64_t sum = 0;
    for (; *at_ >= '0' && *at_ <= '9'; ++at_) {
      if (at_ - start == kMaxDigits) return false;
      sum = sum * 10 + (*at_ - '0');
    }
    if (at_ == start || (*start == '0' && (at_ - start > 1 || is_negative))) return false;
    number = is_negative ? -sum : sum;
    return *at_ != '.' && *at_ != 'e' && *at_ != 'E';
  }

  bool value(ValueId& id, int depth) {
    spaces();
    switch (*at_) {
      case '"': {
        std::string_view text;
        if (!string(text)) return false;
        id = values_.text(text);
        return true;
      }
      case '[':
        return depth < kMaxPlainDepth && list(id, depth);
      case 'n':
        id = kNil;
        return take_word("null");
      case 't':
        id = values_.boolean(true);
        return take_word("true");
      case 'f':
        id = values_.boolean(false);
        return take_word("false");
      default: {
        std::int64_t number = 0;
        if (!integer(number)) return false;
        id = values_.integer(number);
        return true;
      }
    }
  }

  bool list(ValueId& id, int depth) {
    ++at_;
    std::array<ValueId, kMaxItems> items;  // NOLINT: filled in as far as it is used
    std::size_t count = 0;
    if (!take(']')) {
      do {
        if (count == kMaxItems || !value(items[count++], depth + 1)) return false;
      } while (take(','));
      if (!take(']')) return false;
    }
    id = values_.list(std::span(items).first(count));
    return true;
  }

  [[nodiscard]] EventField field_of(std::string_view name) const {
    for (std::size_t field = 1; field < kEventFields; ++field) {
      if (names_.names[field] == name) return static_cast<EventField>(field);
    }
    return EventField::kNone;
  }

  // A field that we do not know (an index) may hold a number or a string.
  bool ignore() {
    std::string_view text;
    std::int64_t number = 0;
    spaces();
    return *at_ == '"' ? string(text) : integer(number);
  }

  bool kind() {
    std::string_view text;
    if (!string(text)) return false;
    const std::optional<EventKind> known = event_kind(text);
    if (known) event_.kind = *known;
    return known.has_value();
  }

  bool time() {
    std::int64_t at = 0;
    if (!integer(at)) return false;
    event_.at = at;
    return true;
  }

  bool member(std::string_view name) {
    const EventField field = field_of(name);
    if ((seen_ & bit(field)) != 0 && field != EventField::kNone) return false;
    seen_ |= bit(field);
    switch (field) {
      case EventField::kNone:
        return ignore();
      case EventField::kProcess:
        return integer(event_.process);
      case EventField::kKind:
        return kind();
      case EventField::kFunction:
        return string(event_.function) && !event_.function.empty();
      case EventField::kKey:
        return value(event_.key, 0);
      case EventField::kValue:
        return value(event_.value, 0);
      case EventField::kError:
        return value(event_.error, 0) && event_.error != kNil;
      case EventField::kTime:
        return time();
    }
    return false;
  }

  const char* at_;
  const EventNames& names_;
  Values& values_;
  Event& event_;
  unsigned seen_ = 0;
};

}  // namespace

const char* parse_plain_event(const char* text, const EventNames& names, Values& values,
                              Event& event) {
  return PlainReader(text, names, values, event).read();
}

}  // namespace squall
