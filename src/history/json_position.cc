// A recursive-descent scanner over RFC 8259, which stops at the first byte that does not fit.
#include "history/json_position.h"

#include "history/utf8.h"

namespace squall {
namespace {

constexpr int kMaxDepth = 1024;  // simdjson's own

class Scanner {
 public:
  Scanner(std::string_view line, std::string_view wanted) : line_(line), wanted_(wanted) {}

  // False: at() is the offending byte.
  bool document() {
    space();
    if (!value(0)) return false;
    space();
    return at_ == line_.size();
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  // Where the value of the wanted key of the outermost object begins; npos if it was not met.
  [[nodiscard]] std::size_t wanted_at() const { return wanted_at_; }

 private:
  [[nodiscard]] char peek() const { return at_ < line_.size() ? line_[at_] : '\0'; }
  bool take(char expected) {
    if (at_ >= line_.size() || line_[at_] != expected) return false;
    ++at_;
    return true;
  }
  void space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n') ++at_;
  }

  bool value(int depth) {
    if (depth > kMaxDepth) return false;
    switch (peek()) {
      case '{':
        return object(depth);
      case '[':
        return list(depth);
      case '"':
        return text();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  bool object(int depth) {
    ++at_;
    space();
    if (take('}')) return true;
    for (;;) {
      const std::size_t key = at_;
      if (!text()) return false;
      const bool is_wanted =
          depth == 0 && line_.substr(key + 1, at_ - key - 2) == wanted_ && !wanted_.empty();
      space();
      if (!take(':')) return false;
      space();
      if (is_wanted && wanted_at_ == std::string_view::npos) wanted_at_ = at_;
      if (!value(depth + 1)) return false;
      space();
      if (take('}')) return true;
      if (!take(',')) return false;
      space();
    }
  }

  bool list(int depth) {
    ++at_;
    space();
    if (take(']')) return true;
    for (;;) {
      if (!value(depth + 1)) return false;
      space();
      if (take(']')) return true;
      if (!take(',')) return false;
      space();
    }
  }

  bool text() {
    if (!take('"')) return false;
    while (at_ < line_.size()) {
      if (take('"')) return true;
      if (take('\\')) {
        if (!escape()) return false;
        continue;
      }
      if (static_cast<unsigned char>(peek()) < 0x20) return false;
      ++at_;
    }
    return false;
  }

  // What follows a backslash.
  bool escape() {
    constexpr std::string_view kHex = "0123456789abcdefABCDEF";
    if (!take('u')) {
      const bool is_known = at_ < line_.size() &&
                            std::string_view("\"\\/bfnrt").find(peek()) != std::string_view::npos;
      if (is_known) ++at_;
      return is_known;
    }
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_ >= line_.size() || kHex.find(peek()) == std::string_view::npos) return false;
    }
    return true;
  }

  bool word(std::string_view expected) {
    for (const char letter : expected) {
      if (!take(letter)) return false;
    }
    return true;
  }

  bool digits() {
    if (peek() < '0' || peek() > '9') return false;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return true;
  }

  bool number() {
    (void)take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) (void)take('-');
    return digits();
  }

  std::string_view line_;
  std::string_view wanted_;
  std::size_t at_ = 0;
  std::size_t wanted_at_ = std::string_view::npos;
};

}  // namespace

std::size_t json_error_column(std::string_view line) {
  const std::size_t valid = valid_utf8_prefix(line);
  Scanner scanner(line.substr(0, valid), "");
  // A line that the scanner takes and the parser does not: a number out of range, for example.
  if (scanner.document()) return valid < line.size() ? valid + 1 : 1;
  return scanner.at() + 1;
}

std::size_t json_field_column(std::string_view line, std::string_view key) {
  Scanner scanner(line, key);
  (void)scanner.document();
  return scanner.wanted_at() == std::string_view::npos ? 1 : scanner.wanted_at() + 1;
}

}  // namespace squall
