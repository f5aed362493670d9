// One way to read a history, whatever its format and wherever it comes from.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "history/event_pairing.h"
#include "history/recording.h"

namespace squall {

enum class RecordingFormat : std::uint8_t {
  kAuto,
  kRunFile,
  kJsonLines,
  kJson,
  kEdn,
  kJepsenLog,
  kPorcupine,
  kAwdit
};
inline constexpr std::array<std::pair<std::string_view, RecordingFormat>, 8> kRecordingFormats = {
    {{"auto", RecordingFormat::kAuto},
     {"squall", RecordingFormat::kRunFile},
     {"jsonl", RecordingFormat::kJsonLines},
     {"json", RecordingFormat::kJson},
     {"edn", RecordingFormat::kEdn},
     {"jepsen-log", RecordingFormat::kJepsenLog},
     {"porcupine-kv", RecordingFormat::kPorcupine},
     {"awdit", RecordingFormat::kAwdit}}};
[[nodiscard]] std::string_view to_text(RecordingFormat format);

struct ReadOptions {
  RecordingFormat format = RecordingFormat::kAuto;
  ImportOptions import{};
  // Transactions as operations too: of JSON lines that hold them, a checker needs no history.
  bool keeps_operations = false;
};

struct ReadRecording {
  Recording recording;
  RecordingFormat format = RecordingFormat::kAuto;  // what it was
  ImportFacts facts;
};

// A run file or a text of any of the formats, plain, .gz or .zst; "-" is the standard input.
[[nodiscard]] Result<ReadRecording> read_recording(const std::string& path,
                                                   const ReadOptions& options = {});
// What a text is, by its beginning; an error where it looks like none of the formats.
[[nodiscard]] Result<RecordingFormat> detect_format(std::string_view beginning,
                                                    const std::string& name);

}  // namespace squall
