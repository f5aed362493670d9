// A JSON array of operations (elle-cli's form) → history: its objects one by one, so that memory
// goes to the history and not to a tree of everything.
#include <utility>

#include "history/import.h"
#include "history/json_event.h"
#include "history/json_position.h"
#include "history/text_position.h"

namespace squall {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

// Past the object that begins at `at`; npos if the text ends before it does.
std::size_t end_of_object(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
      }
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

class ArrayReader {
 public:
  ArrayReader(std::string_view text, const std::string& name, const ImportOptions& options)
      : text_(text), name_(name), options_(options) {
    use(short_json_names());
  }

  Result<> read() {
    if (next() != '[') return error_at(at_, "not a JSON array of operations");
    const std::size_t opened = at_++;
    if (next() == ']') return finish();
    while (true) {
      if (next() != '{') {
        return error_at(at_, R"(an operation is an object: {"process":0,"type":"invoke",…})");
      }
      TRY(object());
      const char after = next();
      if (after == ']') return finish();
      if (at_ == text_.size()) return error_at(opened, "an array that is never closed");
      if (after != ',') return error_at(at_, "',' or ']' is missing between operations");
      ++at_;
    }
  }
  [[nodiscard]] EventPairing& pairing() { return *pairing_; }

 private:
  void use(const EventNames& names) {
    names_ = &names;
    pairing_ = std::make_unique<EventPairing>(name_, names, options_);
    parser_ = std::make_unique<JsonEventParser>(pairing_->values(), names);
  }
  char next() {
    at_ = std::min(text_.find_first_not_of(kBlank, at_), text_.size());
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  Result<> finish() {
    ++at_;
    (void)next();
    if (at_ < text_.size()) return error_at(at_, "more text behind the array");
    return {};
  }

  Result<> object() {
    const std::size_t start = at_;
    const std::size_t end = end_of_object(text_, start);
    if (end == std::string_view::npos) {
      return error_at(start, "an operation that is never closed: the text ends too early");
    }
    const std::string_view line = text_.substr(start, end - start);
    if (pairing_->facts().events == 0 && parser_->has_jepsen_names(line)) use(jepsen_json_names());
    Event event;
    EventCheck problem = parser_->parse(line, text_.substr(start), event);
    if (!problem && event.is_skipped) {
      pairing_->skip(event);
    } else if (!problem) {
      problem = pairing_->take(event, position_.advance(text_, start).line);
    }
    if (problem) return error_at(start + column_of(line, *problem) - 1, problem->what);
    at_ = end;
    return {};
  }

  [[nodiscard]] std::size_t column_of(std::string_view line, const EventProblem& problem) const {
    if (problem.is_syntax) return json_error_column(line);
    if (problem.field == EventField::kNone) return 1;
    return json_field_column(line, names_->name(problem.field));
  }

  [[nodiscard]] Error error_at(std::size_t offset, const std::string& what) const {
    TextPositions positions;
    const TextPosition position = positions.advance(text_, offset);
    return Error{Errc::kInvalid, name_ + ":" + std::to_string(position.line) + ":" +
                                     std::to_string(position.column) + ": " + what};
  }

  std::string_view text_;
  const std::string& name_;
  ImportOptions options_;
  const EventNames* names_ = nullptr;
  std::unique_ptr<EventPairing> pairing_;
  std::unique_ptr<JsonEventParser> parser_;
  TextPositions position_;
  std::size_t at_ = 0;
};

}  // namespace

Result<History> read_json(std::string_view text, const std::string& name, ImportFacts* facts,
                          const ImportOptions& options) {
  ArrayReader reader(text, name, options);
  const Result<> read = reader.read();
  if (facts != nullptr) *facts = reader.pairing().facts();
  if (!read) return read.error();
  return reader.pairing().finish();
}

}  // namespace squall
