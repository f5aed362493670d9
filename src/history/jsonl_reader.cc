// JSON lines → history.
#include <algorithm>
#include <utility>

#include "history/json_event.h"
#include "history/json_position.h"
#include "history/jsonl.h"
#include "history/text_source.h"

namespace squall {

class JsonlReader::Body {
 public:
  Body(std::string name, const ImportOptions& options)
      : name_(std::move(name)), options_(options), pairing_(make_pairing()) {}

  Result<> take(std::string_view text);
  [[nodiscard]] EventPairing& pairing() { return *pairing_; }

 private:
  [[nodiscard]] std::unique_ptr<EventPairing> make_pairing() const {
    return std::make_unique<EventPairing>(name_, *names_, options_);
  }
  void choose_names(std::string_view line);
  EventCheck take_line(std::string_view line, std::string_view text);
  EventCheck take_event(const Event& event);
  [[nodiscard]] Error error_at(std::string_view line, const EventProblem& problem) const;

  std::string name_;
  ImportOptions options_;
  const EventNames* names_ = &short_json_names();
  std::unique_ptr<EventPairing> pairing_;
  std::unique_ptr<JsonEventParser> parser_;  // null: no line yet that holds an event
  std::size_t line_ = 0;
  bool has_begun_ = false;
};

Error JsonlReader::Body::error_at(std::string_view line, const EventProblem& problem) const {
  std::size_t column = 1;
  if (problem.is_syntax) column = json_error_column(line);
  if (problem.field != EventField::kNone) {
    column = json_field_column(line, names_->name(problem.field));
  }
  return Error{Errc::kInvalid, name_ + ":" + std::to_string(line_) + ":" + std::to_string(column) +
                                   ": " + problem.what};
}

// The first event decides for all.
void JsonlReader::Body::choose_names(std::string_view line) {
  parser_ = std::make_unique<JsonEventParser>(pairing_->values(), *names_);
  if (!parser_->has_jepsen_names(line)) return;
  names_ = &jepsen_json_names();
  pairing_ = make_pairing();
  parser_ = std::make_unique<JsonEventParser>(pairing_->values(), *names_);
}

EventCheck JsonlReader::Body::take_event(const Event& event) {
  if (!event.is_skipped) return pairing_->take(event, line_);
  pairing_->skip(event);
  return {};
}

EventCheck JsonlReader::Body::take_line(std::string_view line, std::string_view text) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return {};
  if (parser_ == nullptr) choose_names(line);
  Event event;
  if (EventCheck problem = parser_->parse(line, text, event)) return problem;
  return take_event(event);
}

Result<> JsonlReader::Body::take(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (!has_begun_ && text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  has_begun_ = has_begun_ || !text.empty();
  const std::size_t last_break = text.rfind('\n');
  const char* const plain_end =
      last_break == std::string_view::npos ? text.data() : text.data() + last_break + 1;
  Event event;
  while (!text.empty()) {
    ++line_;
    const bool is_plain_tried = parser_ != nullptr && text.data() < plain_end;
    const char* const next =
        is_plain_tried ? parse_plain_event(text.data(), *names_, pairing_->values(), event)
                       : nullptr;
    if (next != nullptr && static_cast<std::size_t>(next - text.data()) <= kMaxJsonlLine) {
      const auto length = static_cast<std::size_t>(next - text.data());
      if (const EventCheck problem = take_event(event)) {
        return error_at(text.substr(0, length - 1), *problem);
      }
      text.remove_prefix(length);
      continue;
    }
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (const EventCheck problem = take_line(line, text)) return error_at(line, *problem);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

JsonlReader::JsonlReader(std::string name, const ImportOptions& options)
    : body_(new Body(std::move(name), options)) {}
JsonlReader::~JsonlReader() = default;

Result<> JsonlReader::take(std::string_view lines) {
  return body_->take(lines);
}

const ImportFacts& JsonlReader::facts() const {
  return body_->pairing().facts();
}

History JsonlReader::finish() {
  return body_->pairing().finish();
}

Result<History> read_jsonl(std::string_view text, const std::string& name, ImportFacts* facts,
                           const ImportOptions& options) {
  JsonlReader reader(name, options);
  const Result<> taken = reader.take(text);
  if (facts != nullptr) *facts = reader.facts();
  if (!taken) return taken.error();
  return reader.finish();
}

Result<History> read_jsonl_file(const std::string& path, ImportFacts* facts,
                                const ImportOptions& options) {
  LineBlocks blocks(TRY(TextSource::open(path)), kMaxJsonlLine);
  JsonlReader reader(path, options);
  while (true) {
    const std::string_view lines = TRY(blocks.next());
    if (lines.empty()) break;
    TRY(reader.take(lines));
  }
  if (facts != nullptr) *facts = reader.facts();
  return reader.finish();
}

}  // namespace squall
