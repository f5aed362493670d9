// Detection by content, and the dispatch to the formats' readers.
#include "history/read_recording.h"

#include <algorithm>

#include "history/import.h"
#include "history/jsonl.h"
#include "history/run_file.h"
#include "history/text_source.h"
#include "history/transactions.h"

namespace squall {
namespace {

constexpr std::size_t kBeginning = std::size_t{64} << 10U;  // bytes that detection looks at
constexpr std::string_view kBlank = " \t\r\n,";

std::string_view without_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kBlank), text.size()));
}

char first_of(std::string_view text) {
  return text.empty() ? '\0' : text.front();
}

// "r 0 1", "w 0 1", or a line between transactions or sessions.
bool is_awdit_line(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  if (line.starts_with("-----") || line.starts_with("=====")) return true;
  return (line.starts_with("r ") || line.starts_with("w ")) && line.size() > 2 &&
         line.find_first_not_of("0123456789- \r", 2) == std::string_view::npos;
}

bool has_log_line(std::string_view text) {
  for (const std::string_view kind : {"\t:invoke\t", "\t:ok\t", "\t:fail\t", "\t:info\t"}) {
    if (text.find(kind) != std::string_view::npos) return true;
  }
  return false;
}

// Behind the brackets that a list of operations may begin with.
RecordingFormat format_of_list(std::string_view text) {
  const std::string_view inside = without_blanks(text.substr(1));
  if (first_of(inside) == '{' && first_of(without_blanks(inside.substr(1))) == '"') {
    return RecordingFormat::kJson;
  }
  return RecordingFormat::kEdn;
}

Result<Transactions> read_transactions(TextSource& source, RecordingFormat format) {
  const std::string text = TRY(read_rest(source));
  return format == RecordingFormat::kAwdit ? read_awdit(text, source.name())
                                           : read_transactions_jsonl(text, source.name());
}

Result<History> read_lines(TextSource source, ReadRecording& read, const ImportOptions& options) {
  JsonlReader reader(source.name(), options);
  LineBlocks blocks(std::move(source), kMaxJsonlLine);
  while (true) {
    const std::string_view lines = TRY(blocks.next());
    if (lines.empty()) break;
    TRY(reader.take(lines));
  }
  read.facts = reader.facts();
  return reader.finish();
}

Result<History> read_whole(TextSource& source, ReadRecording& read, const ImportOptions& options) {
  const std::string text = TRY(read_rest(source));
  switch (read.format) {
    case RecordingFormat::kJson:
      return read_json(text, source.name(), &read.facts, options);
    case RecordingFormat::kJepsenLog:
      return read_jepsen_log(text, source.name(), &read.facts, options);
    default:
      return read_edn(text, source.name(), &read.facts, options);
  }
}

}  // namespace

std::string_view to_text(RecordingFormat format) {
  for (const auto& [name, known] : kRecordingFormats) {
    if (known == format) return name;
  }
  return "auto";
}

Result<RecordingFormat> detect_format(std::string_view beginning, const std::string& name) {
  if (beginning.starts_with("\xef\xbb\xbf")) beginning.remove_prefix(3);
  if (beginning.starts_with("SQLite format 3")) return RecordingFormat::kRunFile;
  const std::string_view text = without_blanks(beginning);
  switch (first_of(text)) {
    case '\0':
      return RecordingFormat::kJsonLines;  // nothing at all: a history without operations
    case '{': {
      const char inside = first_of(without_blanks(text.substr(1)));
      return inside == ':' ? RecordingFormat::kEdn : RecordingFormat::kJsonLines;
    }
    case '#':
    case '(':
    case ';':
      return RecordingFormat::kEdn;
    default:
      break;
  }
  if (has_log_line(text)) return RecordingFormat::kJepsenLog;
  if (first_of(text) == '[') return format_of_list(text);
  if (is_awdit_line(text)) return RecordingFormat::kAwdit;
  return Error{Errc::kInvalid,
               name +
                   ":1:1: looks like none of the formats (a run file, JSON lines, JSON, EDN, a "
                   "Jepsen log, AWDIT's text); if it is one, name it with --format"};
}

Result<ReadRecording> read_recording(const std::string& path, const ReadOptions& options) {
  ReadRecording read;
  read.format = options.format;
  const bool may_be_run_file =
      options.format == RecordingFormat::kAuto || options.format == RecordingFormat::kRunFile;
  if (may_be_run_file && path != kStandardInput && looks_like_run_file(path)) {
    read.format = RecordingFormat::kRunFile;
    read.recording = TRY(read_run_file(path));
    return read;
  }
  TextSource source = TRY(TextSource::open(path));
  const std::string_view beginning = TRY(source.peek(kBeginning));
  if (read.format == RecordingFormat::kAuto) {
    read.format = TRY(detect_format(beginning, source.name()));
  }
  if (read.format == RecordingFormat::kRunFile) {
    return Error{Errc::kInvalid, source.name() +
                                     ": not a run file, or one that is packed or comes "
                                     "from a pipe; unpack it into a file"};
  }
  const bool is_jsonl = read.format == RecordingFormat::kJsonLines;
  const bool is_columnar =
      is_jsonl && !options.keeps_operations && is_transactions_jsonl(beginning);
  if (read.format == RecordingFormat::kAwdit || is_columnar) {
    read.recording.transactions = TRY(read_transactions(source, read.format));
  } else if (is_jsonl) {
    read.recording.history = TRY(read_lines(std::move(source), read, options.import));
  } else {
    read.recording.history = TRY(read_whole(source, read, options.import));
  }
  return read;
}

}  // namespace squall
