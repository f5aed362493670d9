// Any bytes as JSON lines: an error or a history, and a history that was read can be written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "history/jsonl.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const squall::Result<squall::History> history = squall::read_jsonl(text, "fuzz");
  if (!history.ok()) {
    CHECK(history.error().what.starts_with("fuzz:"));
    return 0;
  }
  CHECK(history->digest().size() == 64);
  const std::string written = squall::write_jsonl(*history);
  const squall::Result<squall::History> again = squall::read_jsonl(written, "written");
  CHECK(again.ok());
  CHECK(squall::write_jsonl(*again) == written);
  return 0;
}
