// Jepsen's EDN → history.
#include <algorithm>
#include <array>
#include <utility>

#include "history/edn.h"
#include "history/import.h"
#include "history/text_position.h"

namespace squall {
namespace {

class EdnReader {
 public:
  EdnReader(std::string_view text, const std::string& name, const ImportOptions& options)
      : text_(text),
        name_(name),
        pairing_(name, edn_names(), options),
        cursor_(text, pairing_.values()) {}

  Result<> read() {
    if (!operations(0, '\0')) return error_at(cursor_.where(), cursor_.what());
    if (problem_) return *problem_;
    return {};
  }
  [[nodiscard]] EventPairing& pairing() { return pairing_; }

 private:
  // Everything up to `close`, or ('\0') to the end.  False: see the cursor, or problem_.
  bool operations(std::size_t opened, char close) {
    while (cursor_.blank()) {
      if (problem_) return true;
      if (cursor_.is_at_end()) {
        return close == '\0' || cursor_.fail("what is opened here is never closed", opened);
      }
      if (close != '\0' && cursor_.peek() == close) {
        cursor_.step();
        return true;
      }
      if (!operation(close != '\0')) return false;
    }
    return false;
  }

  // A map, a tuple, or (not inside of one) a list of them.
  bool operation(bool is_inside) {
    begin();
    if (cursor_.peek() == '#' && !cursor_.tag()) return false;
    if (cursor_.peek() == '{') return map();
    const char close = cursor_.peek() == '[' ? ']' : ')';
    if (cursor_.peek() != '[' && cursor_.peek() != '(') {
      return cursor_.fail("an operation is a map: {:process 0, :type :invoke, :f :read, …}",
                          start_);
    }
    cursor_.step();
    if (!cursor_.blank()) return false;
    const bool is_list = std::string_view("{[(#").find(cursor_.peek()) != std::string_view::npos ||
                         cursor_.peek() == close || cursor_.is_at_end();
    if (!is_list) return tuple(close);
    if (is_inside) return cursor_.fail("a list of operations inside of another", start_);
    return operations(start_, close);
  }

  void begin() {
    event_ = {};
    field_at_.fill(cursor_.at());
    start_ = cursor_.at();
    has_.fill(false);
    is_value_keyword_ = false;
  }

  bool map() {
    cursor_.step();
    while (cursor_.blank()) {
      if (cursor_.is_at_end()) return cursor_.fail("a map that is never closed", start_);
      if (cursor_.peek() == '}') {
        cursor_.step();
        return finish();
      }
      std::string_view name;
      const bool is_named = cursor_.name(name) && cursor_.was_keyword();
      if (!is_named && name.empty() && !cursor_.skip()) return false;
      if (!cursor_.blank()) return false;
      if (cursor_.peek() == '}') return cursor_.fail("a key without a value", cursor_.at());
      if (!member(is_named ? field_of(name) : EventField::kNone)) return false;
    }
    return false;
  }

  // [process type f value time]
  bool tuple(char close) {
    static constexpr std::array<EventField, 5> kOrder = {EventField::kProcess, EventField::kKind,
                                                         EventField::kFunction, EventField::kValue,
                                                         EventField::kTime};
    std::size_t count = 0;
    while (cursor_.blank()) {
      if (cursor_.is_at_end()) return cursor_.fail("a tuple that is never closed", start_);
      if (cursor_.peek() == close) {
        cursor_.step();
        return finish();
      }
      if (count == kOrder.size()) {
        return cursor_.fail("a tuple has five items: [process type f value time]", cursor_.at());
      }
      if (!member(kOrder.at(count++))) return false;
    }
    return false;
  }

  static EventField field_of(std::string_view name) {
    const auto& names = edn_names().names;
    const auto place = std::find(names.begin() + 1, names.end(), name);
    return place == names.end() ? EventField::kNone : EventField(place - names.begin());
  }

  bool member(EventField field) {
    const auto place = static_cast<std::size_t>(field);
    field_at_.at(place) = cursor_.at();
    if (field != EventField::kNone && has_.at(place)) {
      return cursor_.fail(edn_names().quoted(field) + " twice in one operation", cursor_.at());
    }
    has_.at(place) = true;
    switch (field) {
      case EventField::kNone:
        return cursor_.skip();
      case EventField::kProcess:
        if (cursor_.integer(event_.process)) return true;
        event_.is_skipped = true;
        return cursor_.skip();
      case EventField::kKind:
        return kind();
      case EventField::kFunction:
        return cursor_.name(event_.function) || function_with_escapes();
      case EventField::kKey:
        return cursor_.value(event_.key);
      case EventField::kValue: {
        const bool is_read = cursor_.value(event_.value);
        is_value_keyword_ = cursor_.was_keyword();
        return is_read;
      }
      case EventField::kError:
        return cursor_.value(event_.error);
      case EventField::kTime:
        return time();
    }
    return false;
  }

  bool function_with_escapes() {
    ValueId id = kNil;
    if (!cursor_.value(id)) return false;
    const Values& values = pairing_.values();
    if (values.kind(id) == ValueKind::kText) event_.function = values.as_text(id);
    return true;
  }

  bool kind() {
    std::string_view name;
    const std::size_t at = cursor_.at();
    if (cursor_.name(name)) {
      if (const std::optional<EventKind> known = event_kind(name)) {
        event_.kind = *known;
        return true;
      }
    }
    return cursor_.fail(":type must be one of :invoke, :ok, :fail, :info", at);
  }

  bool time() {
    std::int64_t at = 0;
    const std::size_t start = cursor_.at();
    std::string_view name;
    if (cursor_.integer(at) && at != kNever) {
      event_.at = at;
      return true;
    }
    if (cursor_.name(name) && name == "nil") return true;
    return cursor_.fail(":time must be a whole number of nanoseconds", start);
  }

  // The event is whole.  False only where the cursor says why.
  bool finish() {
    const auto has = [this](EventField field) { return has_.at(static_cast<std::size_t>(field)); };
    const auto lacks = [this](const char* what) {
      return cursor_.fail(std::string("no ") + what, start_);
    };
    if (!has(EventField::kProcess)) return lacks(":process (a number, or :nemesis)");
    if (!has(EventField::kKind)) return lacks(":type (:invoke, :ok, :fail or :info)");
    if (event_.is_skipped) {
      pairing_.skip(event_);
      return true;
    }
    if (event_.kind == EventKind::kInvoke && event_.function.empty()) {
      return lacks(":f (function, such as :read)");
    }
    if (event_.error == kNil) event_.error = kAbsent;
    // Instead of the value, old tests say why it did not work: :timed-out.
    const bool is_reason = is_value_keyword_ && event_.error == kAbsent &&
                           (event_.kind == EventKind::kFail || event_.kind == EventKind::kInfo);
    if (is_reason) event_.error = std::exchange(event_.value, kAbsent);
    const TextPosition position = position_.advance(text_, start_);
    if (const EventCheck problem = pairing_.take(event_, position.line)) {
      problem_ = error_at(field_at_.at(static_cast<std::size_t>(problem->field)), problem->what);
    }
    return true;
  }

  [[nodiscard]] Error error_at(std::size_t offset, const std::string& what) const {
    TextPositions positions;
    const TextPosition position = positions.advance(text_, offset);
    return Error{Errc::kInvalid, name_ + ":" + std::to_string(position.line) + ":" +
                                     std::to_string(position.column) + ": " + what};
  }

  std::string_view text_;
  const std::string& name_;
  EventPairing pairing_;
  EdnCursor cursor_;
  TextPositions position_;
  std::optional<Error> problem_;
  // Of the operation in hand.
  Event event_;
  std::array<std::size_t, kEventFields> field_at_{};
  std::array<bool, kEventFields> has_{};
  std::size_t start_ = 0;
  bool is_value_keyword_ = false;
};

}  // namespace

Result<History> read_edn(std::string_view text, const std::string& name, ImportFacts* facts,
                         const ImportOptions& options) {
  EdnReader reader(text, name, options);
  const Result<> read = reader.read();
  if (facts != nullptr) *facts = reader.pairing().facts();
  if (!read) return read.error();
  return reader.pairing().finish();
}

}  // namespace squall
