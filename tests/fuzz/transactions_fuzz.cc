// Any bytes as transactions, in JSON lines and in AWDIT's text: an error or columns.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "history/read_recording.h"
#include "history/transactions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)squall::detect_format(text, "fuzz");
  (void)squall::is_transactions_jsonl(text);
  const auto lines = squall::read_transactions_jsonl(text, "fuzz");
  CHECK(lines.ok() || lines.error().what.starts_with("fuzz:"));
  const auto awdit = squall::read_awdit(text, "fuzz");
  CHECK(awdit.ok() || awdit.error().what.starts_with("fuzz:"));
  return 0;
}
